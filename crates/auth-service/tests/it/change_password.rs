//! `POST /auth/password`

use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::{App, PASSWORD};

const NEW: &str = "another quite different sentence";

fn change(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new })
}

each_engine! {
    async fn a_new_password_ends_every_other_session(database: TestDatabase) {
        let app = App::start(database).await;
        let (other, ada) = (app.register("ada").await, app.login("ada").await);
        app.as_(&ada).post("/auth/password", change(PASSWORD, NEW)).await.expect(204);
        app.refresh(&other.refresh_token).await.problem(401, "session_ended");
        assert!(!app.is_live(&other).await);
        assert!(app.is_live(&ada).await);
        app.refresh(&ada.refresh_token).await.expect(200);
        app.try_login("ada", PASSWORD).await.problem(401, "invalid_credentials");
        app.try_login("ada", NEW).await.expect(200);
        app.stop().await;
    }

    async fn a_wrong_or_weak_one_changes_nothing(database: TestDatabase) {
        let app = App::start(database).await;
        let (other, ada) = (app.register("ada").await, app.login("ada").await);
        app.as_(&ada).post("/auth/password", change("not her password", NEW)).await.problem(403, "wrong_password");
        let weak = app.as_(&ada).post("/auth/password", change(PASSWORD, "password1234")).await;
        weak.problem(422, "password_unacceptable");
        assert!(app.is_live(&other).await);
        app.try_login("ada", PASSWORD).await.expect(200);
        app.stop().await;
    }

    async fn a_stolen_token_is_no_way_to_try_passwords(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_LOGIN_LIMIT_PAIR", "5/1m burst 5")]).await;
        let ada = app.register("ada").await;
        for _ in 0..5 {
            app.as_(&ada).post("/auth/password", change("a guess", NEW)).await.problem(403, "wrong_password");
        }
        let limited = app.as_(&ada).post("/auth/password", change(PASSWORD, NEW)).await;
        assert_eq!(limited.header("retry-after"), Some("12"));
        limited.problem(429, "rate_limited");
        app.stop().await;
    }
}
