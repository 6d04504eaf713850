//! What every route of every service does, seen on one.

use serde_json::json;
use testkit::{Issuer, refusals};
use tokio::sync::Semaphore;

use crate::sample;

#[tokio::test]
async fn the_way_of_a_request() {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    let customer = sample.client.as_(&issuer.customer());

    let read = sample.client.get("/notes/3").await.expect(200);
    assert_eq!(
        (read.json()["text"].as_str(), read.header("x-served-by")),
        (Some("note 3"), Some("notes-service/7"))
    );
    assert_eq!(read.header("x-content-type-options"), Some("nosniff"));
    let written = customer.post("/notes", json!({ "text": "hello" })).await.expect(200);
    assert_eq!(written.json(), json!({ "text": "hello" }));

    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let traced = sample.client.get("/notes/x").header("traceparent", parent).await;
    assert_eq!(traced.problem(404, "not_found")["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    sample.running.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_a_reason() {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    sample.gate.leave.add_permits(Semaphore::MAX_PERMITS);
    refusals::check(&sample.base_url, &issuer, &["GET /notes/{number}", "GET /notes/slow"]).await;

    sample.client.get("/nothing").await.problem(404, "not_found");
    let refused = sample.client.delete("/notes/3").await;
    assert_eq!(refused.header("allow"), Some("GET"));
    refused.problem(405, "method_not_allowed");
    sample.running.stop().await;
}

#[tokio::test]
async fn each_service_tells_how_it_is() {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    let client = &sample.client;
    client.get("/livez").await.expect(200);
    assert_eq!(client.get("/readyz").await.expect(200).json(), json!({ "status": "ready", "reasons": {} }));
    client.as_(&issuer.customer()).post("/notes", json!({ "text": "x" })).await.expect(200);
    client.get("/notes/1").await.expect(200);
    client.post("/notes", json!({ "text": "x" })).await.expect(401);
    let metrics = client.get("/metrics").await.expect(200).text;
    for line in [
        r#"http_requests_total{service="notes-service",method="GET",route="/notes/{number}",status="200"} 1"#,
        r#"tokens_verified_total{service="notes-service"} 1"#,
        r#"tokens_rejected_total{service="notes-service",reason="missing"} 1"#,
        r#"key_set_fetches_total{service="notes-service"} 1"#,
        r#"token_cache_hits_total{service="notes-service"} 0"#,
        r#"revocations{service="notes-service"} 0"#,
        r#"http_problems_total{service="notes-service",route="/notes",code="unauthenticated"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    let document = client.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["paths"]["/notes"]["post"]["security"], json!([{ "bearer": ["profile"] }]));
    client.get("/docs").await.expect(307);
    assert!(client.get("/docs/").await.expect(200).text.contains("swagger"));
    sample.running.stop().await;
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_end() {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    let slow = tokio::spawn(sample.client.get("/notes/slow").into_future());
    sample.gate.entered.acquire().await.unwrap().forget();
    let (gate, health) = (sample.gate.clone(), sample.health.clone());
    let ended = tokio::spawn(sample.running.stop());
    while health.is_ready() {
        tokio::task::yield_now().await;
    }
    assert!(!ended.is_finished(), "the end waits for the request");
    gate.leave.add_permits(1);
    slow.await.unwrap().expect(200);
    ended.await.unwrap();
}
