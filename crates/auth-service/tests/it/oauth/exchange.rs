//! `POST /oauth2/token` for software that acts for a user (RFC 8693).

use std::time::Duration;

use auth_service::{Acting, ClientRights};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chassis::database::sql;
use serde_json::{Value, json};
use testkit::{Issuer, each_engine, http::Response};

use super::{Program, refused};
use crate::{
    app::{App, Member, open},
    elsewhere::Elsewhere,
};

const GRANT: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A service that users come to as `appointments`, and that may act for them at `at`.
async fn service(app: &App, id: &str, at: &[&str]) -> Program {
    let at = at.iter().map(ToString::to_string).collect();
    let rights = ClientRights {
        scopes: ["appointments:report", "payments"].into_iter().collect(),
        audiences: vec!["appointments".to_owned(), "payments".to_owned()],
        acting: Some(Acting { service: "appointments".to_owned(), at }),
    };
    Program::register_with(app, id, rights).await
}

async fn exchange(app: &App, program: &Program, token: &str, more: &str) -> Response {
    let form = format!("{GRANT}&subject_token={token}&subject_token_type={ACCESS_TOKEN}{more}");
    program.ask(app, "/oauth2/token", &form).await
}

/// The token given in exchange for one to be used at the payments service.
async fn exchanged(app: &App, program: &Program, token: &str) -> String {
    let answer = exchange(app, program, token, "&audience=payments&scope=payments").await.expect(200);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// How many rows there are in what an issuer writes.
async fn rows(app: &App) -> i64 {
    let database = open(&app.database).await;
    let count = sql("SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM revocations)
                         + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM clients)
                         + (SELECT count(*) FROM client_assertions) AS number");
    let row = count.fetch_one(&mut database.read().await.unwrap()).await.unwrap();
    row.get("number").unwrap()
}

each_engine! {
    async fn a_service_acts_for_its_user_where_it_may(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["mail", "payments"]).await;
        let ada = app.register("ada").await;
        let before = rows(&app).await;
        let more = format!("&audience=payments&scope=payments&requested_token_type={ACCESS_TOKEN}&unknown=1");
        let answer = exchange(&app, &appointments, &ada.access_token, &more).await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let body = answer.json();
        let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["access_token", "expires_in", "issued_token_type", "scope", "token_type"]);
        assert_eq!((&body["issued_token_type"], &body["token_type"]), (&json!(ACCESS_TOKEN), &json!("Bearer")));
        assert_eq!((&body["expires_in"], &body["scope"]), (&json!(60), &json!("payments")));

        let token = body["access_token"].as_str().unwrap();
        assert!(token.len() <= 1024, "{} bytes", token.len());
        let (old, new) = (claims(&ada.access_token), claims(token));
        for name in ["iss", "sub", "sid", "ver", "auth_time"] {
            assert_eq!(new[name], old[name], "{name}");
        }
        let own = claims(&appointments.token(&app).await);
        assert_eq!(new["act"], json!({ "sub": own["sub"], "client_id": "appointments-service" }));
        assert_eq!((&new["client_id"], &new["aud"]), (&json!("appointments-service"), &json!(["payments"])));
        assert_eq!((&new["scope"], &new["roles"]), (&json!("payments"), &json!([])));
        assert_eq!(new["exp"].as_i64().unwrap() - new["iat"].as_i64().unwrap(), 60);
        assert_ne!(new["jti"], old["jti"]);
        assert_eq!(rows(&app).await, before, "nothing is written");

        let all = exchange(&app, &appointments, &ada.access_token, "&audience=mail").await.expect(200).json();
        assert_eq!(all["scope"], old["scope"]);
        assert_eq!(claims(all["access_token"].as_str().unwrap())["aud"], json!(["mail"]));
        assert!(app.client.get("/metrics").await.expect(200).text.contains(r#"grant="token_exchange""#));
        app.stop().await;
    }

    async fn what_is_given_does_not_outlive_what_it_was_given_for(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["payments"]).await;
        let ada = app.register("ada").await;
        let end = claims(&ada.access_token)["exp"].as_i64().unwrap();
        let life = end - claims(&ada.access_token)["iat"].as_i64().unwrap();
        app.wait(Duration::from_secs(u64::try_from(life).unwrap() - 7));
        let answer = exchange(&app, &appointments, &ada.access_token, "&audience=payments").await.expect(200).json();
        assert_eq!(answer["expires_in"], 7);
        assert_eq!(claims(answer["access_token"].as_str().unwrap())["exp"], end);
        app.wait(Duration::from_secs(7));
        let late = exchange(&app, &appointments, &ada.access_token, "&audience=payments").await;
        refused(&late, 400, "invalid_request");
        app.stop().await;
    }

    async fn only_who_may_act_there_may_exchange(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["payments"]).await;
        let reports = Program::register(&app, "reports", &["payments"]).await;
        let ada = app.register("ada").await;
        let audience = "&audience=payments&scope=payments";
        refused(&exchange(&app, &reports, &ada.access_token, audience).await, 400, "unauthorized_client");
        for other in ["appointments", "users", "auth", "Payments", "mail", "https://payments.example"] {
            let answer = exchange(&app, &appointments, &ada.access_token, &format!("&audience={other}")).await;
            refused(&answer, 400, "invalid_target");
        }
        let stranger = Program { id: appointments.id.clone(), secret: reports.secret.clone() };
        refused(&exchange(&app, &stranger, &ada.access_token, audience).await, 401, "invalid_client");
        app.administration.disable_client(&appointments.id.parse().unwrap()).await.unwrap();
        refused(&exchange(&app, &appointments, &ada.access_token, audience).await, 401, "invalid_client");
        app.stop().await;
    }

    async fn the_request_has_its_form(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["payments"]).await;
        let ada = app.register("ada").await;
        let token = format!("&subject_token={}", ada.access_token);
        let kind = format!("&subject_token_type={ACCESS_TOKEN}");
        let good = format!("{GRANT}{token}{kind}&audience=payments");
        appointments.ask(&app, "/oauth2/token", &good).await.expect(200);
        let of = |name: &str| format!("&subject_token_type=urn:ietf:params:oauth:token-type:{name}");
        for (form, error) in [
            (format!("{GRANT}{kind}&audience=payments"), "invalid_request"),
            (format!("{GRANT}{token}&audience=payments"), "invalid_request"),
            (format!("{GRANT}{token}{kind}"), "invalid_request"),
            (format!("{GRANT}{token}{kind}&audience="), "invalid_request"),
            (format!("{GRANT}{token}{}&audience=payments", of("jwt")), "invalid_request"),
            (format!("{GRANT}{token}{}&audience=payments", of("refresh_token")), "invalid_request"),
            (format!("{GRANT}{token}{}&audience=payments", of("id_token")), "invalid_request"),
            (format!("{good}&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token"), "invalid_request"),
            (format!("{good}&actor_token={}", ada.access_token), "invalid_request"),
            (format!("{good}&actor_token_type={ACCESS_TOKEN}"), "invalid_request"),
            (format!("{good}&audience=payments"), "invalid_request"),
            (format!("{good}&audience=mail"), "invalid_request"),
            (format!("{good}{token}"), "invalid_request"),
            (format!("{good}&resource=https://payments.example"), "invalid_target"),
            (format!("{good}&scope=admin"), "invalid_scope"),
            (format!("{good}&scope=payments+admin"), "invalid_scope"),
            (format!("{good}&scope=+"), "invalid_scope"),
            (good.replace("token-exchange", "jwt-bearer"), "unsupported_grant_type"),
        ] {
            refused(&appointments.ask(&app, "/oauth2/token", &form).await, 400, error);
        }
        app.stop().await;
    }

    async fn only_a_users_own_token_for_this_very_service_is_exchanged(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["appointments", "payments"]).await;
        let billing = ClientRights {
            scopes: ["payments"].into_iter().collect(),
            audiences: vec!["billing".to_owned()],
            acting: Some(Acting { service: "billing".to_owned(), at: vec!["payments".to_owned()] }),
        };
        let billing = Program::register_with(&app, "billing", billing).await;
        let (ada, foreign) = (app.register("ada").await, Issuer::start().await);
        let given = exchange(&app, &appointments, &ada.access_token, "&audience=appointments").await.expect(200);
        let given = given.json()["access_token"].as_str().unwrap().to_owned();
        let own = appointments.token(&app).await;
        let tampered = format!("{}A", ada.access_token);
        let foreign = foreign.customer().token;
        for (name, bad) in [
            ("one that was given in exchange, even meant for this service", given.as_str()),
            ("a client's own", &own),
            ("a refresh token", &ada.refresh_token),
            ("a tampered one", &tampered),
            ("another issuer's", &foreign),
            ("none", "a.b.c"),
        ] {
            let answer = exchange(&app, &appointments, bad, "&audience=payments&scope=payments").await;
            assert_eq!(answer.json()["error"], "invalid_request", "{name}: {}", answer.text);
            refused(&answer, 400, "invalid_request");
        }
        // Users' tokens are not meant for it.
        let answer = exchange(&app, &billing, &ada.access_token, "&audience=payments").await;
        refused(&answer, 400, "invalid_request");
        app.stop().await;
    }

    async fn whatever_ends_the_users_tokens_ends_the_exchange_too(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["payments", "users"]).await;
        let scanner = Program::register(&app, "scanner", &["revocations:write"]).await;
        let grace = app.admin("grace").await;
        let elsewhere = Elsewhere::start(&app).await;
        app.register("ada").await;
        let refuses = async |who: &Member| {
            let answer = exchange(&app, &appointments, &who.access_token, "&audience=payments").await;
            refused(&answer, 400, "invalid_request");
        };
        // For the users service, as which `elsewhere` listens.
        let at_users = async |who: &Member| {
            let answer = exchange(&app, &appointments, &who.access_token, "&audience=users").await.expect(200);
            let token = answer.json()["access_token"].as_str().unwrap().to_owned();
            elsewhere.accepts(&token).await;
            token
        };

        let ada = app.login("ada").await;
        let token = at_users(&ada).await;
        app.as_(&ada).post_empty("/auth/logout").await.expect(204);
        elsewhere.refuses(&token).await;
        refuses(&ada).await;

        let ada = app.login("ada").await;
        let token = at_users(&ada).await;
        let roles = json!({ "roles": ["provider"] });
        app.as_(&grace).put(&format!("/auth/admin/users/{}/roles", ada.id), roles).await.expect(200);
        elsewhere.refuses(&token).await;
        refuses(&ada).await;

        // One token by its name: what was given for it lives on for its minute, and nothing more is given.
        let ada = app.login("ada").await;
        let token = at_users(&ada).await;
        scanner.revoke(&app, &ada.access_token).await.expect(200);
        elsewhere.refuses(&ada.access_token).await;
        refuses(&ada).await;
        elsewhere.accepts(&token).await;
        // The service can give it back itself.
        appointments.revoke(&app, &token).await.expect(200);
        elsewhere.refuses(&token).await;

        let ada = app.login("ada").await;
        let token = at_users(&ada).await;
        app.as_(&grace).post_empty(&format!("/auth/admin/users/{}/disable", ada.id)).await.expect(200);
        elsewhere.refuses(&token).await;
        refuses(&ada).await;

        let token = at_users(&grace).await;
        app.administration.remove_client(&appointments.id.parse().unwrap()).await.unwrap();
        elsewhere.refuses(&token).await;
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn rights_are_as_they_were_declared_last(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        let appointments = Program { id: "appointments-service".to_owned(), secret: "secret".repeat(10) };
        let ensure = async |acting: Option<Acting>| {
            let rights = ClientRights {
                scopes: ["payments"].into_iter().collect(),
                audiences: vec!["payments".to_owned()],
                acting,
            };
            let (id, secret) = (appointments.id.parse().unwrap(), appointments.secret.clone().into());
            app.administration.ensure_client(id, &secret, rights).await.unwrap();
        };
        let acting = |service: &str| Acting { service: service.to_owned(), at: vec!["payments".to_owned()] };
        let audience = "&audience=payments";
        ensure(None).await;
        refused(&exchange(&app, &appointments, &ada.access_token, audience).await, 400, "unauthorized_client");
        ensure(Some(acting("appointments"))).await;
        exchanged(&app, &appointments, &ada.access_token).await;
        ensure(Some(acting("billing"))).await;
        refused(&exchange(&app, &appointments, &ada.access_token, audience).await, 400, "invalid_request");
        ensure(None).await;
        refused(&exchange(&app, &appointments, &ada.access_token, audience).await, 400, "unauthorized_client");
        app.stop().await;
    }

    async fn what_was_exchanged_says_who_acts_when_it_is_introspected(database: TestDatabase) {
        let app = App::start(database).await;
        let appointments = service(&app, "appointments-service", &["payments"]).await;
        let gateway = Program::register(&app, "gateway", &["introspection"]).await;
        let token = exchanged(&app, &appointments, &app.register("ada").await.access_token).await;
        let known = gateway.introspect(&app, &token).await;
        assert_eq!((&known["active"], &known["act"]), (&json!(true), &claims(&token)["act"]));
        app.wait(Duration::from_mins(1));
        assert_eq!(gateway.introspect(&app, &token).await, json!({ "active": false }), "to the second");
        app.stop().await;
    }
}
