//! `POST /oauth2/introspect`

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::{Issuer, each_engine};

use super::{Program, refused};
use crate::app::App;

/// What a token says, read by nobody in particular.
fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn inactive() -> Value {
    json!({ "active": false })
}

each_engine! {
    async fn a_token_in_force_says_all_it_says(database: TestDatabase) {
        let app = App::start(database).await;
        let gateway = Program::register(&app, "gateway", &["introspection"]).await;
        let reports = Program::register(&app, "reports", &["users"]).await;
        let ada = app.register("ada").await;
        for token in [&ada.access_token, &reports.token(&app).await] {
            let mut known = gateway.introspect(&app, token).await;
            let known = known.as_object_mut().unwrap();
            assert_eq!(known.remove("active"), Some(json!(true)));
            assert_eq!(known.remove("token_type"), Some(json!("Bearer")));
            assert_eq!(Value::from(known.clone()), claims(token));
        }
        app.wait(Duration::from_secs(569));
        assert_eq!(gateway.introspect(&app, &ada.access_token).await["active"], true);
        app.wait(Duration::from_secs(31));
        assert_eq!(gateway.introspect(&app, &ada.access_token).await, inactive(), "to the second");
        app.stop().await;
    }

    async fn whatever_ends_a_token_is_known_at_once(database: TestDatabase) {
        let app = App::start(database).await;
        let gateway = Program::register(&app, "gateway", &["introspection", "revocations:write"]).await;
        let grace = app.admin("grace").await;
        let (ada, phone) = (app.register("ada").await, app.login("ada").await);
        for member in [&ada, &phone] {
            assert_eq!(gateway.introspect(&app, &member.access_token).await["active"], true);
        }
        app.as_(&phone).post_empty("/auth/logout").await.expect(204);
        assert_eq!(gateway.introspect(&app, &phone.access_token).await, inactive());
        assert_eq!(gateway.introspect(&app, &ada.access_token).await["active"], true);

        gateway.revoke(&app, &ada.access_token).await.expect(200);
        assert_eq!(gateway.introspect(&app, &ada.access_token).await, inactive());
        let tablet = app.login("ada").await;
        let roles = json!({ "roles": ["provider"] });
        app.as_(&grace).put(&format!("/auth/admin/users/{}/roles", ada.id), roles).await.expect(200);
        assert_eq!(gateway.introspect(&app, &tablet.access_token).await, inactive());
        let renewed = app.refresh(&tablet.refresh_token).await.expect(200).json();
        assert_eq!(gateway.introspect(&app, renewed["access_token"].as_str().unwrap()).await["active"], true);
        app.stop().await;
    }

    async fn a_refresh_token_is_in_force_while_it_is_the_newest(database: TestDatabase) {
        let app = App::start(database).await;
        let gateway = Program::register(&app, "gateway", &["introspection"]).await;
        let ada = app.register("ada").await;
        let known = gateway.introspect(&app, &ada.refresh_token).await;
        let access = claims(&ada.access_token);
        for name in ["iss", "sub", "sid", "client_id", "auth_time", "scope", "iat"] {
            assert_eq!(known[name], access[name], "{name}");
        }
        assert_eq!((&known["active"], known["exp"].as_i64()), (&json!(true), Some(access["iat"].as_i64().unwrap() + 7 * 86_400)));

        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        assert_eq!(gateway.introspect(&app, &ada.refresh_token).await, inactive());
        let newest = renewed["refresh_token"].as_str().unwrap();
        assert_eq!(gateway.introspect(&app, newest).await["active"], true);
        app.as_(&ada).post_empty("/auth/logout").await.expect(204);
        assert_eq!(gateway.introspect(&app, newest).await, inactive());

        let idle = app.login("ada").await;
        app.wait(Duration::from_hours(7 * 24));
        assert_eq!(gateway.introspect(&app, &idle.refresh_token).await, inactive());
        app.stop().await;
    }

    async fn nothing_is_told_of_what_is_no_token_nor_to_who_may_not_ask(database: TestDatabase) {
        let app = App::start(database).await;
        let gateway = Program::register(&app, "gateway", &["introspection"]).await;
        let (ada, foreign) = (app.register("ada").await, Issuer::start().await);
        let spoiled = format!("{}A", ada.access_token);
        for garbage in ["x", "a.b.c", spoiled.as_str(), foreign.admin().token.as_str()] {
            assert_eq!(gateway.introspect(&app, garbage).await, inactive(), "{garbage}");
        }
        refused(&gateway.ask(&app, "/oauth2/introspect", "").await, 400, "invalid_request");

        let curious = Program::register(&app, "curious", &["users", "revocations", "revocations:write", "admin"]).await;
        let form = format!("token={}", ada.access_token);
        refused(&curious.ask(&app, "/oauth2/introspect", &form).await, 400, "unauthorized_client");
        let stranger = Program { id: gateway.id.clone(), secret: curious.secret.clone() };
        refused(&stranger.ask(&app, "/oauth2/introspect", &form).await, 401, "invalid_client");
        app.stop().await;
    }
}
