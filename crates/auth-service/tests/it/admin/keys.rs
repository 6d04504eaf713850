//! `/auth/admin/keys…`

use std::time::Duration;

use auth_service::KeyringError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    RsaPrivateKey,
    pkcs1::EncodeRsaPrivateKey,
    pkcs8::{EncodePrivateKey, LineEnding},
    rand_core::OsRng,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use testkit::{Client, Running, each_engine};

use crate::app::{App, Member, build};

const PUBLICATION: Duration = Duration::from_mins(10);
const DAY: Duration = Duration::from_hours(24);

/// Each key's name and state, by what the list says.
async fn states(app: &App, admin: &Member) -> Vec<(String, String)> {
    let page = app.as_(admin).get("/auth/admin/keys").await.expect(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(|key| (text(&key["kid"]), text(&key["state"]))).collect()
}

async fn published(client: &Client) -> Vec<String> {
    let set = client.get("/.well-known/jwks.json").await.expect(200).json();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

/// Waits until the keys that `client` publishes are as they should be.
async fn until(client: &Client, is_right: impl Fn(&[String]) -> bool) -> Vec<String> {
    let settled = async {
        loop {
            let keys = published(client).await;
            if is_right(&keys) {
                return keys;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled).await.unwrap()
}

/// Somebody whose token was signed with the key `expected`, which has yet to take over.
async fn until_registered(app: &App, expected: &str) -> Member {
    for number in 0.. {
        let member = app.register(&format!("ada{number}")).await;
        if kid(&member.access_token) == expected {
            return member;
        }
    }
    unreachable!()
}

/// Waits until a key is next, which the service publishes by itself.
async fn with_next(app: &App) -> [String; 2] {
    app.wait(Duration::from_secs(10));
    until(&app.client, |keys| keys.len() == 2).await.try_into().unwrap()
}

each_engine! {
    async fn keys_are_listed_without_what_signs(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let page = app.as_(&grace).get("/auth/admin/keys").await.expect(200).json();
        let key = &page["items"][0];
        assert_eq!((&key["kid"], &key["state"]), (&json!(published(&app.client).await[0]), &json!("active")));
        let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["changes_at", "created_at", "kid", "since", "state"]);
        app.stop().await;
    }

    async fn a_key_is_published_long_before_it_signs_and_until_its_tokens_have_expired(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let [first, second] = with_next(&app).await;
        assert_eq!(kid(&grace.access_token), first);

        // Too early: it is only said when.
        let page = app.as_(&grace).post("/auth/admin/keys/rotate", json!({})).await.expect(200).json();
        assert_eq!((&page["items"][0]["kid"], &page["items"][0]["state"]), (&json!(second), &json!("next")));
        app.wait(PUBLICATION.saturating_sub(Duration::from_secs(30)));
        let answer = app.client.get("/.well-known/jwks.json").await.expect(200);
        let policy = answer.header("cache-control").unwrap().to_owned();
        assert!(policy.starts_with("public, max-age=30,"), "to the moment of the change: {policy}");
        assert_eq!(kid(&app.login("grace").await.access_token), first);

        app.wait(Duration::from_secs(30));
        until(&app.client, |keys| keys[0] == second).await;
        let newer = app.login("grace").await;
        assert_eq!(kid(&newer.access_token), second);
        assert!(app.is_live(&newer).await);
        app.as_(&newer).get("/auth/admin/keys").await.expect(200);
        assert!(states(&app, &newer).await.contains(&(first.clone(), "retiring".to_owned())));
        assert!(published(&app.client).await.contains(&first), "its tokens are good for a while");

        app.wait(Duration::from_mins(66));
        until(&app.client, |keys| !keys.contains(&first)).await;
        let latest = app.login("grace").await;
        assert!(states(&app, &latest).await.contains(&(first, "gone".to_owned())));
        app.stop().await;
    }

    async fn keys_take_turns_by_themselves(database: TestDatabase) {
        let app = App::start(database).await;
        let [first, second] = with_next(&app).await;
        app.wait(31 * DAY);
        let keys = until(&app.client, |keys| keys[0] == second).await;
        assert!(keys.contains(&first));
        app.stop().await;
    }

    async fn a_hundred_wishes_on_three_replicas_make_one_new_key(database: TestDatabase) {
        let app = App::start(database).await;
        app.admin("grace").await;
        let [first, second] = with_next(&app).await;
        app.wait(PUBLICATION);
        let grace = app.login("grace").await;
        let mut others = Vec::new();
        for _ in 0..2 {
            let service = build(&app.database, &app.clock, &[]).await.unwrap();
            let client = Client::new(format!("http://{}", service.http_address()));
            others.push((client, Running::start(service.health(), |shutdown| service.run(shutdown)).await));
        }
        let clients: Vec<_> = [&app.client].into_iter().chain(others.iter().map(|(client, _)| client)).collect();
        let wishes = (0..100).map(|number| {
            let client = clients[number % 3].with_token(&grace.access_token);
            async move { client.post("/auth/admin/keys/rotate", json!({})).await.expect(200) }
        });
        futures_util::future::join_all(wishes).await;

        for client in &clients {
            until(client, |keys| keys[0] == second).await;
        }
        let states = states(&app, &app.login("grace").await).await;
        let of = |state: &str| states.iter().filter(|(_, other)| other == state).count();
        assert_eq!((of("active"), of("retiring")), (1, 1), "{states:?}");
        assert!(of("next") <= 1 && states.len() <= 3, "{states:?}");
        assert!(states.contains(&(first, "retiring".to_owned())));
        for (_, running) in others {
            running.stop().await;
        }
        app.stop().await;
    }

    async fn a_revoked_key_is_replaced_at_once(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let [first, second] = with_next(&app).await;
        let path = format!("/auth/admin/keys/{first}/revoke");
        app.as_(&grace).post(&path, json!({})).await.expect(200);
        let keys = published(&app.client).await;
        assert_eq!((keys[0] == second, keys.contains(&first)), (true, false), "{keys:?}");
        let after = app.refresh(&grace.refresh_token).await.expect(200);
        let after = Member::of(&after);
        assert_eq!(kid(&after.access_token), second);
        assert!(states(&app, &after).await.contains(&(first.clone(), "revoked".to_owned())));
        app.as_(&after).post(&path, json!({})).await.expect(200);
        app.as_(&after).post("/auth/admin/keys/nobody/revoke", json!({})).await.expect(404);
        let log = app.as_(&after).get("/auth/admin/audit").await.expect(200).json();
        let deeds: Vec<_> = log["items"].as_array().unwrap().iter().filter(|deed| deed["action"] == "key_revoked").collect();
        assert_eq!(deeds.len(), 1, "{log}");
        assert_eq!((&deeds[0]["name"], &deeds[0]["actor_id"]), (&json!(first), &json!(grace.id)));
        app.stop().await;
    }

    async fn the_only_key_can_be_revoked_too(database: TestDatabase) {
        let app = App::start(database).await;
        let first = published(&app.client).await.remove(0);
        app.administration.revoke_signing_key(&first).await.unwrap();
        let keys = published(&app.client).await;
        assert!(keys.len() == 1 && keys[0] != first, "{keys:?}");
        assert_eq!(kid(&app.register("ada").await.access_token), keys[0]);
        app.stop().await;
    }

    async fn a_key_that_was_made_elsewhere_is_next(database: TestDatabase) {
        let app = App::start(database).await;
        let [first, never_used] = with_next(&app).await;
        let key = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
        let pem = SecretString::from(key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string());
        let kid = app.administration.import_signing_key(&pem).await.unwrap();
        let keys = until(&app.client, |keys| keys.contains(&kid)).await;
        assert_eq!(keys, [first.clone(), kid.clone()], "instead of the one that was next");
        let again = SecretString::from(key.to_pkcs1_pem(LineEnding::LF).unwrap().to_string());
        assert!(matches!(app.administration.import_signing_key(&again).await, Err(KeyringError::Known)));
        let short = RsaPrivateKey::new(&mut OsRng, 1024).unwrap().to_pkcs8_pem(LineEnding::LF).unwrap();
        let short = app.administration.import_signing_key(&SecretString::from(short.to_string())).await;
        assert!(matches!(short, Err(KeyringError::Key(_))), "{short:?}");

        app.administration.revoke_signing_key(&first).await.unwrap();
        let ada = until_registered(&app, &kid).await;
        assert!(app.is_live(&ada).await);
        assert!(!published(&app.client).await.contains(&never_used));
        app.stop().await;
    }

    async fn only_administrators_change_keys(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        for path in ["/auth/admin/keys/rotate", "/auth/admin/keys/x/revoke"] {
            app.as_(&ada).post(path, json!({})).await.expect(403);
            app.client.post(path, json!({})).await.expect(401);
        }
        app.stop().await;
    }
}
