//! `POST /oauth2/token` for software that acts for itself.

use auth_service::ClientRights;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chassis::database::sql;
use identity::scope;
use secrecy::ExposeSecret;
use serde_json::Value;
use testkit::{each_engine, http::Response};
use verifier::{Trust, Verifier};

use crate::app::App;

const FORM: &str = "application/x-www-form-urlencoded";

/// Registers a client that may have the scopes `revocations` and `users`; its secret.
async fn register(app: &App, id: &str) -> String {
    let rights = rights(&["revocations", "users"], &["auth", "users"]);
    let secret = app.administration.register_client(id.parse().unwrap(), "Users".into(), rights, None);
    secret.await.unwrap().unwrap().expose_secret().to_owned()
}

fn rights(scopes: &[&str], audiences: &[&str]) -> ClientRights {
    let audiences = audiences.iter().map(ToString::to_string).collect();
    ClientRights { scopes: scopes.iter().copied().collect(), audiences, acting: None }
}

async fn ask(app: &App, credential: &str, form: &str) -> Response {
    let basic = format!("Basic {}", STANDARD.encode(credential));
    let request = app.client.post_empty("/oauth2/token").header("authorization", &basic);
    request.header("content-type", FORM).body(form).await
}

fn refused(answer: &Response, status: u16, error: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
}

/// Whom the token in an answer is meant for.
fn audience(answer: &Value) -> Value {
    let payload = answer["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()["aud"].take()
}

/// What was done to clients, in the order of the alphabet.
async fn deeds(app: &App) -> Vec<String> {
    let database = crate::app::open(&app.database).await;
    let rows = sql("SELECT action FROM audit WHERE action LIKE 'client%' ORDER BY action");
    let rows = rows.fetch_all(&mut database.read().await.unwrap()).await.unwrap();
    rows.iter().map(|row| row.get("action").unwrap()).collect()
}

each_engine! {
    async fn a_client_gets_a_token_that_says_who_it_is(database: TestDatabase) {
        let app = App::start(database).await;
        let credential = format!("users-service:{}", register(&app, "users-service").await);
        let answer = ask(&app, &credential, "grant_type=client_credentials&unknown=1").await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let body = answer.json();
        assert_eq!((&body["token_type"], &body["scope"]), (&"Bearer".into(), &"revocations users".into()));
        assert!((570..=600).contains(&body["expires_in"].as_u64().unwrap()), "{body}");

        let jwks = format!("{}/.well-known/jwks.json", app.client.base_url()).parse().unwrap();
        let trust = Trust::new("https://auth.example", "users", jwks);
        let verifier = Verifier::builder(trust).clock(app.clock.clone()).build().unwrap();
        let refresh = verifier.clone();
        let refresh = tokio::spawn(async move { refresh.run().await });
        verifier.until_usable().await;
        let token = verifier.verify(body["access_token"].as_str().unwrap()).await.unwrap();
        assert_eq!((token.client_id.as_str(), token.audience.len()), ("users-service", 2));
        assert!(token.roles.is_empty() && token.scope.grants::<scope::Revocations>());
        assert_eq!(token.subject.0, token.session_id.0);
        refresh.abort();

        let less = ask(&app, &credential, "grant_type=client_credentials&scope=users").await.expect(200);
        assert_eq!(less.json()["scope"], "users");
        let for_one = ask(&app, &credential, "grant_type=client_credentials&audience=users").await.expect(200);
        assert_eq!(audience(&for_one.json()), serde_json::json!(["users"]));
        app.stop().await;
    }

    async fn nobody_else_gets_one(database: TestDatabase) {
        let app = App::start(database).await;
        let (one, other) = (register(&app, "one").await, register(&app, "other").await);
        let good = format!("one:{one}");
        let form = "grant_type=client_credentials";
        for bad in ["one:", "one", ":", &format!("one:{other}"), &format!("two:{one}"), &format!("ONE:{one}")] {
            refused(&ask(&app, bad, form).await, 401, "invalid_client");
        }
        let nobody = app.client.post_empty("/oauth2/token").header("content-type", FORM).body(form).await;
        refused(&nobody, 401, "invalid_client");

        for (form, error) in [
            ("", "invalid_request"),
            ("grant_type=", "invalid_request"),
            ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
            ("grant_type=client_credentials&client_id=one", "invalid_request"),
            ("grant_type=client_credentials&client_secret=x", "invalid_request"),
            ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
            ("grant_type=client_credentials&scope=admin", "invalid_scope"),
            ("grant_type=client_credentials&scope=users+admin", "invalid_scope"),
            ("grant_type=client_credentials&audience=payments", "invalid_target"),
            ("grant_type=client_credentials&audience=auth+users", "invalid_target"),
            ("grant_type=client_credentials&audience=auth&audience=users", "invalid_request"),
        ] {
            refused(&ask(&app, &good, form).await, 400, error);
        }
        let json = app.client.post("/oauth2/token", serde_json::json!({ "grant_type": "client_credentials" }));
        refused(&json.await, 400, "invalid_request");

        let changed = app.administration.change_client_secret(&"one".parse().unwrap()).await.unwrap().unwrap();
        refused(&ask(&app, &good, form).await, 401, "invalid_client");
        ask(&app, &format!("one:{}", changed.expose_secret()), form).await.expect(200);
        assert!(app.administration.change_client_secret(&"two".parse().unwrap()).await.unwrap().is_none());
        app.stop().await;
    }

    async fn a_client_is_as_it_was_declared_last(database: TestDatabase) {
        let app = App::start(database).await;
        let form = "grant_type=client_credentials";
        let ensure = async |secret: &str, scopes: &[&str], audiences: &[&str]| {
            let id = "users-service".parse().unwrap();
            app.administration.ensure_client(id, &secret.into(), rights(scopes, audiences)).await.unwrap();
        };
        let granted = async |secret: &str| ask(&app, &format!("users-service:{secret}"), form).await;
        let (one, other) = ("one".repeat(20), "other".repeat(20));

        ensure(&one, &["revocations"], &["auth"]).await;
        assert_eq!(granted(&one).await.expect(200).json()["scope"], "revocations");
        ensure(&other, &["revocations"], &["auth"]).await;
        refused(&granted(&one).await, 401, "invalid_client");
        assert_eq!(granted(&other).await.expect(200).json()["scope"], "revocations");
        ensure(&other, &["users"], &["auth", "users"]).await;
        let answer = granted(&other).await.expect(200).json();
        assert_eq!(answer["scope"], "users");
        assert_eq!(audience(&answer), serde_json::json!(["auth", "users"]));
        ensure(&one, &["revocations"], &["auth"]).await;

        let (rights, secret) = ("client_rights_changed", "client_secret_changed");
        assert_eq!(deeds(&app).await, ["client_registered", rights, rights, secret, secret]);
        app.stop().await;
    }

    async fn a_client_that_is_as_declared_is_not_written(database: TestDatabase) {
        let app = App::start(database).await;
        let secret = "secret".repeat(10).into();
        let ensure = || app.administration.ensure_client(
            "users-service".parse().unwrap(),
            &secret,
            rights(&["revocations"], &["auth"]),
        );
        // Whoever comes second finds what the first has done.
        let (one, other) = tokio::join!(ensure(), ensure());
        assert!(one.is_ok() && other.is_ok(), "{one:?}, {other:?}");
        // As long as somebody else is about to change it, a change would have to wait.
        let elsewhere = crate::app::open(&app.database).await;
        let mut writing = elsewhere.begin().await.unwrap();
        sql("UPDATE clients SET name = 'Other'").execute(&mut writing).await.unwrap();
        ensure().await.unwrap();
        drop(writing);
        assert_eq!(deeds(&app).await, ["client_registered"]);
        app.stop().await;
    }

    async fn what_is_stored_of_a_secret_lets_nobody_in(database: TestDatabase) {
        let app = App::start(database).await;
        let secret = register(&app, "one").await;
        let stolen = crate::app::open(&app.database).await;
        let row = sql("SELECT secret_hash FROM clients");
        let hash: Vec<u8> = row.fetch_one(&mut stolen.read().await.unwrap()).await.unwrap().get("secret_hash").unwrap();
        assert!(!hash.windows(4).any(|part| secret.as_bytes().starts_with(part)));
        let shown = URL_SAFE_NO_PAD.encode(hash);
        refused(&ask(&app, &format!("one:{shown}"), "grant_type=client_credentials").await, 401, "invalid_client");
        app.stop().await;
    }
}
