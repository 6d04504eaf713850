//! Whatever the issuer's key endpoint publishes, a service that knows good keys goes on with them and takes no bad ones.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use serde_json::json;
use testkit::{Client, Issuer};
use verifier::testing::{Answer, KeySetAttack};

use crate::sample;

/// How many services are under attack at a time.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn no_key_set_breaks_a_service_or_lets_anybody_in() {
    let issuer = Issuer::start().await;
    let rows = issuer.key_set_attacks("users");
    let withstood = AtomicUsize::new(0);
    let attacks = stream::iter(&rows).for_each_concurrent(AT_ONCE, async |row| {
        attack(row).await;
        withstood.fetch_add(1, Ordering::Relaxed);
    });
    attacks.await;
    assert_eq!(withstood.into_inner(), rows.len());
}

async fn attack(row: &KeySetAttack) {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    let good = issuer.customer().token;
    assert_eq!(status(&sample.client, &good).await, 200, "{row}: before");

    issuer.endpoint().answer(Answer::keys(row.jwks.clone()));
    // The name of a key that nobody has seen makes the service ask for it.
    let unknown = issuer.token().header("kid", json!("unknown")).mint();
    assert_eq!(status(&sample.client, &unknown).await, 401, "{row}: an unknown key");
    assert_eq!(issuer.endpoint().requests(), 2, "{row}: fetches");

    let refused = sample.client.with_token(&row.token).post("/notes", json!({ "text": "x" })).await;
    assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#), "{row}");
    refused.problem(401, "unauthenticated");
    assert_eq!(status(&sample.client, &good).await, 200, "{row}: after");
    let metrics = sample.client.get("/metrics").await.expect(200).text;
    let failures = u8::from(row.fault.is_some());
    let line = format!(r#"key_set_fetch_failures_total{{service="notes-service"}} {failures}"#);
    assert!(metrics.contains(&line), "{row}: {metrics}");
    sample.running.stop().await;
}

async fn status(client: &Client, token: &str) -> u16 {
    client.with_token(token).post("/notes", json!({ "text": "x" })).await.status
}
