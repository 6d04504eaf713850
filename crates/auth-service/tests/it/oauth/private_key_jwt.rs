//! Clients that show who they are by a key (RFC 7523).

use std::{sync::Arc, time::Duration};

use auth_service::{ClientKey, ClientRights};
use serde_json::json;
use testkit::{each_engine, http::Response};
use tokio::task::JoinSet;
use verifier::{
    Algorithm,
    testing::{HmacSecret, Issuer, TokenBuilder},
};

use super::{FORM, Program, refused};
use crate::app::{App, build};

const TYPE: &str = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GRANT: &str = "grant_type=client_credentials";

/// Software with a key of its own, registered as `id`.
async fn register(app: &App, id: &str, algorithm: Algorithm) -> Issuer {
    let signer = Issuer::signing_with(algorithm, id, app.clock.clone());
    let key = ClientKey::parse(&signer.key_set().keys[0].to_string()).unwrap();
    let (scopes, audiences) = (["introspection", "users"].into_iter().collect(), vec!["users".to_owned()]);
    let rights = ClientRights { scopes, audiences, acting: None };
    let registered =
        app.administration.register_client(id.parse().unwrap(), id.to_owned(), rights, Some(key));
    assert!(registered.await.unwrap().is_none(), "no secret is needed");
    signer
}

/// An assertion as it should be.
fn assertion(signer: &Issuer) -> TokenBuilder {
    let assertion = signer.token().header("typ", json!("JWT")).claim("sub", json!(signer.url()));
    assertion.claim("aud", json!("https://auth.example")).expires_in(Duration::from_mins(5))
}

async fn ask(app: &App, form: &str) -> Response {
    app.client.post_empty("/oauth2/token").header("content-type", FORM).body(form).await
}

async fn show(app: &App, jwt: &str) -> Response {
    ask(app, &format!("{GRANT}&{TYPE}&client_assertion={jwt}")).await
}

each_engine! {
    async fn a_client_with_a_key_is_let_in_by_every_algorithm_wherever_clients_are(database: TestDatabase) {
        let app = App::start(database).await;
        for (id, algorithm) in ["a", "b", "c", "d"].into_iter().zip(Algorithm::ALL) {
            let signer = register(&app, id, algorithm).await;
            let granted = show(&app, &assertion(&signer).mint()).await.expect(200).json();
            let token = granted["access_token"].as_str().unwrap();
            let at_token = assertion(&signer).claim("aud", json!(["https://auth.example/oauth2/token"])).without_header("kid");
            let form = format!("token={token}&client_id={id}&{TYPE}&client_assertion={}", at_token.mint());
            let introspect = app.client.post_empty("/oauth2/introspect").header("content-type", FORM);
            let known = introspect.body(form.as_str()).await.expect(200).json();
            assert_eq!((&known["active"], &known["client_id"]), (&json!(true), &json!(id)));
            let form = format!("token={token}&{TYPE}&client_assertion={}", assertion(&signer).mint());
            let revoke = app.client.post_empty("/oauth2/revoke").header("content-type", FORM);
            revoke.body(form.as_str()).await.expect(200);
        }
        app.stop().await;
    }

    async fn an_assertion_is_taken_once_by_whichever_replica(database: TestDatabase) {
        let app = App::start(database).await;
        let signer = register(&app, "billing", Algorithm::Es256).await;
        let other = build(&app.database, &app.clock, &[("AUTH_INSTANCE".into(), "2".into())]).await.unwrap();
        let second = testkit::Client::new(format!("http://{}", other.http_address()));
        let other = testkit::Running::start(other.health(), |shutdown| other.run(shutdown)).await;
        for _ in 0..5 {
            let form = format!("{GRANT}&{TYPE}&client_assertion={}", assertion(&signer).mint());
            let mut calls = JoinSet::new();
            for client in [&app.client, &second, &app.client, &second] {
                let call = client.post_empty("/oauth2/token").header("content-type", FORM).body(form.as_str());
                calls.spawn(async move { call.await });
            }
            let answers = calls.join_all().await;
            assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
            answers.iter().filter(|answer| answer.status != 200).for_each(|answer| refused(answer, 401, "invalid_client"));
        }
        let once = assertion(&signer).mint();
        show(&app, &once).await.expect(200);
        // Until the last moment at which it could be used, and beyond it.
        app.wait(Duration::from_secs(329));
        refused(&show(&app, &once).await, 401, "invalid_client");
        app.wait(Duration::from_secs(1));
        refused(&show(&app, &once).await, 401, "invalid_client");
        other.stop().await;
        app.stop().await;
    }

    async fn nobody_else_is_let_in(database: TestDatabase) {
        let app = App::start(database).await;
        let signer = register(&app, "billing", Algorithm::Rs256).await;
        let other = Issuer::signing_with(Algorithm::Es256, "billing", Arc::new(identity::SystemClock));
        let good = || assertion(&signer);
        for (what, jwt) in [
            ("no JWT", "x".to_owned()),
            ("unsigned", good().mint_unsigned()),
            ("HMAC", good().mint_hmac(HmacSecret::Pem)),
            ("another key", good().signed_by(&other).mint()),
            ("its own key in the header", good().header("jwk", other.key_set().keys[0].clone()).mint()),
            ("crit", good().header("crit", json!(["exp"])).mint()),
            ("an access token", good().header("typ", json!("at+jwt")).mint()),
            ("tampered", good().mint_tampered("exp", json!(1))),
            ("another issuer", good().claim("iss", json!("other")).mint()),
            ("another subject", good().claim("sub", json!("other")).mint()),
            ("another audience", good().claim("aud", json!("https://other.example")).mint()),
            ("two audiences", good().audience(["https://auth.example", "https://other.example"]).mint()),
            ("no audience", good().without_claim("aud").mint()),
            ("no end", good().without_claim("exp").mint()),
            ("a late end", good().expires_in(Duration::from_secs(331)).mint()),
            ("no name", good().without_claim("jti").mint()),
        ] {
            let answer = show(&app, &jwt).await;
            assert_eq!(answer.status, 401, "{what}");
            refused(&answer, 401, "invalid_client");
        }
        let jwt = good().mint();
        let with_header = app.client.post_empty("/oauth2/token").header("content-type", FORM).header("authorization", "Basic eDp5");
        let form = format!("{GRANT}&{TYPE}&client_assertion={jwt}");
        refused(&with_header.body(form.as_str()).await, 400, "invalid_request");
        for (form, status, error) in [
            (format!("{GRANT}&client_assertion={jwt}"), 400, "invalid_request"),
            (format!("{GRANT}&{TYPE}"), 400, "invalid_request"),
            (format!("{GRANT}&client_assertion_type=other&client_assertion={jwt}"), 400, "invalid_request"),
            (format!("{GRANT}&{TYPE}&client_assertion={jwt}&client_secret=x"), 400, "invalid_request"),
            (format!("{GRANT}&{TYPE}&client_assertion={jwt}&client_id=other"), 401, "invalid_client"),
        ] {
            refused(&ask(&app, &form).await, status, error);
        }
        show(&app, &jwt).await.expect(200);
        app.administration.disable_client(&"billing".parse().unwrap()).await.unwrap();
        refused(&show(&app, &good().mint()).await, 401, "invalid_client");
        app.stop().await;
    }

    async fn a_client_has_a_secret_or_a_key_and_never_both(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let signer = Issuer::signing_with(Algorithm::EdDsa, "billing", app.clock.clone());
        let with = |jwk| json!({ "id": "billing", "scopes": ["users"], "audiences": ["users"], "jwk": jwk });
        let path = "/auth/admin/clients";
        for bad in [json!({}), json!({ "kty": "oct", "k": "AAAA" }), json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })] {
            app.as_(&grace).post(path, with(bad)).await.problem(422, "validation_failed");
        }
        let registered = app.as_(&grace).post(path, with(signer.key_set().keys[0].clone())).await.expect(201).json();
        assert_eq!(registered, json!({ "client_id": "billing" }), "no secret");
        show(&app, &assertion(&signer).mint()).await.expect(200);
        let guess = Program { id: "billing".to_owned(), secret: String::new() };
        refused(&guess.ask(&app, "/oauth2/token", GRANT).await, 401, "invalid_client");
        let listed = app.as_(&grace).get(path).await.expect(200).json();
        assert_eq!(listed["items"][0]["authentication"], "private_key_jwt");

        let changed = app.as_(&grace).post_empty(&format!("{path}/billing/secret")).await.expect(200).json();
        refused(&show(&app, &assertion(&signer).mint()).await, 401, "invalid_client");
        let secret = changed["client_secret"].as_str().unwrap().to_owned();
        Program { id: "billing".to_owned(), secret }.token(&app).await;
        app.stop().await;
    }
}
