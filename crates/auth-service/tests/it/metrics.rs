//! What `/metrics` tells of accounts and sessions.

use std::time::Duration;

use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn tokens_and_refreshes_are_counted_by_what_they_were_for(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        app.login("ada").await;
        app.try_login("ada", "not her password 1!").await.problem(401, "invalid_credentials");
        app.refresh(&ada.refresh_token).await.expect(200);
        app.refresh(&ada.refresh_token).await.expect(200);
        app.wait(Duration::from_secs(10));
        app.refresh(&ada.refresh_token).await.problem(401, "refresh_token_reused");
        app.refresh("garbage").await.problem(401, "refresh_token_invalid");
        let metrics = app.client.get("/metrics").await.expect(200).text;
        for line in [
            r#"auth_tokens_issued_total{grant="registration"} 1"#,
            r#"auth_tokens_issued_total{grant="password"} 1"#,
            r#"auth_tokens_issued_total{grant="refresh_token"} 2"#,
            r#"auth_refreshes_total{outcome="rotated"} 1"#,
            r#"auth_refreshes_total{outcome="repeated"} 1"#,
            r#"auth_refreshes_total{outcome="refresh_token_reused"} 1"#,
            r#"auth_refreshes_total{outcome="refresh_token_invalid"} 1"#,
            r#"auth_password_hashes{state="running"} 0"#,
            "auth_password_hashes_repeated_total ",
            r#"http_problems_total{service="auth-service",route="/auth/login",code="invalid_credentials"} 1"#,
        ] {
            assert!(metrics.contains(line), "{line} in\n{metrics}");
        }
        app.stop().await;
    }
}
