//! `POST /oauth2/revoke`

use std::time::Duration;

use chassis::database::sql;
use serde_json::json;
use testkit::{Issuer, each_engine};

use super::{FORM, Program, refused};
use crate::{
    app::{App, open},
    elsewhere::Elsewhere,
};

/// How many lines the log has.
async fn lines(app: &App) -> i64 {
    let database = open(&app.database).await;
    let row = sql("SELECT last_seq FROM revocation_log").fetch_one(&mut database.read().await.unwrap()).await;
    row.unwrap().get("last_seq").unwrap()
}

each_engine! {
    async fn a_revoked_token_is_refused_by_every_verifier_and_no_other_is(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let program = Program::register(&app, "reports", &["users"]).await;
        let (one, other) = (program.token(&app).await, program.token(&app).await);
        elsewhere.accepts(&one).await;
        let answer = program.revoke(&app, &one).await.expect(200);
        assert_eq!((answer.text.as_str(), answer.header("cache-control")), ("", Some("no-store")));
        elsewhere.refuses(&one).await;
        elsewhere.accepts(&other).await;

        program.revoke(&app, &one).await.expect(200);
        assert_eq!(lines(&app).await, 1, "what is revoked is not revoked again");
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn a_users_tokens_are_ended_by_whoever_may(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let scanner = Program::register(&app, "scanner", &["revocations:write"]).await;
        let (ada, phone) = (app.register("ada").await, app.login("ada").await);
        let grace = app.admin("grace").await;

        let hinted = format!("token={}&token_type_hint=refresh_token", ada.access_token);
        scanner.ask(&app, "/oauth2/revoke", &hinted).await.expect(200);
        elsewhere.refuses(&ada.access_token).await;
        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        let renewed = renewed["access_token"].as_str().unwrap();
        elsewhere.accepts(renewed).await;

        let hinted = format!("token={}&token_type_hint=no_such_hint", phone.refresh_token);
        scanner.ask(&app, "/oauth2/revoke", &hinted).await.expect(200);
        app.refresh(&phone.refresh_token).await.problem(401, "session_ended");
        elsewhere.refuses(&phone.access_token).await;
        elsewhere.accepts(renewed).await;
        scanner.revoke(&app, &phone.refresh_token).await.expect(200);
        assert_eq!(lines(&app).await, 2);

        let audit = app.as_(&grace).get(&format!("/auth/admin/audit?user={}", ada.id)).await.expect(200).json();
        let deeds: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
        assert!(deeds.contains(&&json!("token_revoked")) && deeds.contains(&&json!("session_ended")), "{deeds:?}");
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn this_service_refuses_a_revoked_token_itself(database: TestDatabase) {
        let app = App::start(database).await;
        let scanner = Program::register(&app, "scanner", &["revocations:write"]).await;
        let ada = app.register("ada").await;
        assert!(app.is_live(&ada).await);
        scanner.revoke(&app, &ada.access_token).await.expect(200);
        let refused = async {
            while app.is_live(&ada).await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap();
        app.stop().await;
    }

    async fn nobody_revokes_what_was_issued_to_others(database: TestDatabase) {
        let app = App::start(database).await;
        let one = Program::register(&app, "one", &["users", "revocations", "admin"]).await;
        let other = Program::register(&app, "other", &["users"]).await;
        let ada = app.register("ada").await;
        for token in [&other.token(&app).await, &ada.access_token, &ada.refresh_token] {
            refused(&one.revoke(&app, token).await, 400, "invalid_grant");
        }
        let form = format!("token={}", ada.refresh_token);
        let nobody = app.client.post_empty("/oauth2/revoke").header("content-type", FORM).body(form.as_str());
        refused(&nobody.await, 401, "invalid_client");
        let stranger = Program { id: "one".to_owned(), secret: other.secret.clone() };
        refused(&stranger.revoke(&app, &ada.refresh_token).await, 401, "invalid_client");
        refused(&one.ask(&app, "/oauth2/revoke", "token_type_hint=access_token").await, 400, "invalid_request");
        refused(&one.ask(&app, "/oauth2/revoke", "token=a&token=b").await, 400, "invalid_request");
        assert!(app.is_live(&ada).await);
        app.refresh(&ada.refresh_token).await.expect(200);
        assert_eq!(lines(&app).await, 0);
        app.stop().await;
    }

    async fn what_is_in_force_no_longer_or_never_was_is_no_mistake(database: TestDatabase) {
        let app = App::start(database).await;
        let scanner = Program::register(&app, "scanner", &["revocations:write"]).await;
        let ada = app.register("ada").await;
        let foreign = Issuer::start().await;
        let tampered = format!("{}A", ada.access_token);
        let spoiled = format!("{}A", ada.refresh_token);
        for garbage in ["x", "a.b.c", tampered.as_str(), spoiled.as_str(), foreign.admin().token.as_str()] {
            scanner.revoke(&app, garbage).await.expect(200);
        }
        app.wait(Duration::from_secs(601));
        scanner.revoke(&app, &ada.access_token).await.expect(200);
        app.wait(Duration::from_hours(8 * 24));
        scanner.revoke(&app, &ada.refresh_token).await.expect(200);
        assert_eq!(lines(&app).await, 0, "none of it can be used anyhow");
        app.stop().await;
    }
}
