//! What every consumer has to accept and to refuse.

use reqwest::{Response, header::WWW_AUTHENTICATE};
use serde_json::{Value, json};
use verifier::{
    Clock,
    testing::{Forgery, Issuer},
};

use crate::{
    consumer::{Consumer, Kind, Today},
    for_each_consumer,
};

for_each_consumer!(
    good_tokens_are_let_in,
    bad_tokens_are_refused,
    a_missing_scope_is_named,
    headers_are_read_strictly
);

const INVALID: &str = r#"Bearer error="invalid_token""#;

fn challenge(response: &Response) -> (u16, &str) {
    let challenge = response.headers().get(WWW_AUTHENTICATE).map_or("", |value| value.to_str().unwrap());
    (response.status().as_u16(), challenge)
}

async fn good_tokens_are_let_in(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    let token = consumer.issuer.token().claim("sub", json!("0198c0de-0000-7000-8000-000000000001"));
    let response = consumer.whoami(&token.mint()).await;
    assert_eq!(response.status(), 200);
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body["sub"], "0198c0de-0000-7000-8000-000000000001");
    assert_eq!(body["roles"], json!(["customer"]));
    assert!(body["scope"].as_str().unwrap().split(' ').any(|scope| scope == "profile"), "{body}");
    assert_eq!(body["service"], format!("consumer-{kind:?}").to_lowercase());

    for token in [
        consumer.issuer.token().audience(["users"]).mint(),
        consumer.issuer.token().header("typ", json!("application/at+jwt")).mint(),
        consumer.issuer.token().header("typ", json!("AT+JWT")).mint(),
        consumer.issuer.token().claim("acr", json!("x")).mint(),
    ] {
        assert_eq!(consumer.status(&token).await, 200);
    }
}

/// Each is bad in one way.
fn bad(issuer: &Issuer) -> Vec<(String, String)> {
    let forged = Forgery::ALL.into_iter().map(|forgery| (format!("{forgery:?}"), issuer.forge(forgery)));
    let token = || issuer.token();
    let required = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "roles"];
    let lacking =
        required.into_iter().map(|name| (format!("without {name}"), token().without_claim(name).mint()));
    let others = [
        ("typ missing", token().without_header("typ").mint()),
        ("typ of an ID token", token().header("typ", json!("JWT")).mint()),
        ("kid missing", token().without_header("kid").mint()),
        ("kid unknown", token().header("kid", json!("nobody")).mint()),
        ("kid no text", token().header("kid", json!(1)).mint()),
        ("RS512", token().header("alg", json!("RS512")).mint()),
        ("none, signed", token().header("alg", json!("none")).mint()),
        ("no signature", token().mint().rsplit_once('.').unwrap().0.to_owned() + "."),
        ("two parts", token().mint().rsplit_once('.').unwrap().0.to_owned()),
        ("garbage", "garbage".to_owned()),
        ("garbage in three parts", "e30.e30.e30".to_owned()),
        ("header no object", token().header_text("[]").mint()),
        ("claims no object", token().claims_text("[]").mint()),
        ("claims no JSON", token().claims_text("{").mint()),
        ("scope a list", token().claim("scope", json!(["profile"])).mint()),
        ("roles a text", token().claim("roles", json!("customer")).mint()),
        ("sub a number", token().claim("sub", json!(1)).mint()),
        ("exp a text", token().claim("exp", json!("never")).mint()),
        ("issued in an hour", {
            let later = Today.now().as_second() + 3600;
            token().claim("iat", json!(later)).claim("exp", json!(later + 600)).mint()
        }),
        ("nine kibibytes", token().claim("x", json!("x".repeat(9000))).mint()),
    ];
    forged.chain(lacking).chain(others.map(|(name, token)| (name.to_owned(), token))).collect()
}

async fn bad_tokens_are_refused(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    let mut wrong = Vec::new();
    for (name, token) in bad(&consumer.issuer) {
        let response = consumer.whoami(&token).await;
        if challenge(&response) != (401, INVALID) {
            wrong.push(format!("{name}: {:?}", challenge(&response)));
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert_eq!(consumer.status(&consumer.issuer.token().mint()).await, 200);
}

async fn a_missing_scope_is_named(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    for scopes in [vec!["payments"], vec![], vec!["profiles", "my-profile"]] {
        let response = consumer.whoami(&consumer.issuer.token().scopes(scopes).mint()).await;
        assert_eq!(challenge(&response), (403, r#"Bearer error="insufficient_scope", scope="profile""#));
    }
}

async fn headers_are_read_strictly(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    assert_eq!(challenge(&consumer.get("/whoami", &[]).await), (401, "Bearer"));
    let token = consumer.issuer.token().mint();
    let bearer = format!("Bearer {token}");
    for values in
        [&[bearer.as_str(), bearer.as_str()][..], &["Basic YTpi"], &["Bearer"], &[&token], &["Bearer a b"]]
    {
        assert_eq!(challenge(&consumer.get("/whoami", values).await), (401, INVALID), "{values:?}");
    }
    assert_eq!(consumer.get("/whoami", &[&format!("bearer {token}")]).await.status(), 200);
    for public in ["/", "/livez"] {
        assert_eq!(consumer.get(public, &[]).await.status(), 200);
    }
}
