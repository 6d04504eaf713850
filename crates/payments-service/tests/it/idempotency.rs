//! `Idempotency-Key`, on both operations that move money.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use serde_json::json;
use testkit::each_engine;

use crate::app::{App, DECLINED, GOOD, POOR, eventually};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

each_engine! {
    async fn a_storm_of_one_request_charges_once_and_answers_the_same(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let storm = || async { join_all((0..32).map(|_| app.confirm(&paying, GOOD, "k").into_future())).await };

        let mut bodies = BTreeSet::new();
        for answer in storm().await {
            if answer.status == 200 {
                bodies.insert(answer.text);
            } else {
                assert_eq!(answer.header("retry-after"), Some("1"));
                answer.problem(409, "idempotency_in_flight");
            }
        }
        for answer in storm().await {
            assert_eq!(answer.header("idempotent-replayed"), Some("true"));
            bodies.insert(answer.expect(200).text);
        }
        assert_eq!((bodies.len(), app.books.charged().await), (1, (1, 5000)));
        app.stop().await;
    }

    async fn a_refusal_is_repeated_to_the_byte(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let first = app.confirm(&paying, DECLINED, "k").await.expect(402);
        app.confirm(&paying, GOOD, "other").await.expect(200);
        let again = app.confirm(&paying, DECLINED, "k").await.expect(402);
        assert_eq!(again.text, first.text);
        assert_eq!(again.header("content-type"), Some("application/problem+json"));

        let refused = app.confirm(&paying, GOOD, "late").await.expect(409);
        assert_eq!(app.confirm(&paying, GOOD, "late").await.expect(409).text, refused.text);
        app.stop().await;
    }

    async fn a_key_stands_for_one_request(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let other = app.payment_of(&paying.customer).await;
        app.confirm(&paying, POOR, "k").await.problem(402, "insufficient_funds");
        app.confirm(&paying, GOOD, "k").await.problem(422, "idempotency_key_reused");
        app.confirm(&other, POOR, "k").await.problem(422, "idempotency_key_reused");
        app.confirm(&paying, GOOD, "another").await.expect(200);

        app.refund(&paying, json!({ "amount_minor": 1 }), "r").await.expect(200);
        app.refund(&paying, json!({ "amount_minor": 2 }), "r").await.problem(422, "idempotency_key_reused");
        app.refund(&paying, json!({}), "r").await.problem(422, "idempotency_key_reused");
        app.stop().await;
    }

    async fn keys_belong_to_callers_and_operations(database: TestDatabase) {
        let app = App::start(database).await;
        let (one, two) = (app.payment().await, app.payment().await);
        app.confirm(&one, GOOD, "k").await.expect(200);
        app.confirm(&two, GOOD, "k").await.expect(200);
        app.refund(&one, json!({}), "k").await.expect(200);
        assert_eq!(app.books.charged().await, (2, 10000));
        app.stop().await;
    }

    async fn a_key_is_needed_and_bounded(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let confirm = format!("/payments/{}/confirm", paying.id);
        let refund = format!("/payments/{}/refund", paying.id);
        let everything = app.client.with_token(&app.issuer.token_with(["payments", "refunds"]));
        for (path, body) in [(confirm, json!({ "card_number": GOOD })), (refund, json!({}))] {
            let request = || everything.post(&path, &body);
            request().await.problem(400, "idempotency_key_missing");
            request().header("idempotency-key", "").await.problem(400, "idempotency_key_missing");
            let long = "k".repeat(256);
            request().header("idempotency-key", &long).await.problem(400, "idempotency_key_invalid");
            let twice = request().header("idempotency-key", "a").header("idempotency-key", "b");
            twice.await.problem(400, "idempotency_key_invalid");
        }
        let longest = "k".repeat(255);
        app.confirm(&paying, GOOD, &longest).await.expect(200);
        app.stop().await;
    }

    async fn what_never_began_leaves_the_key_free(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, "4242424242424241", "k").await.problem(422, "validation_failed");
        app.confirm(&paying, "5555555555554444", "k").await.problem(422, "card_unknown");
        app.refund(&paying, json!({ "amount_minor": 0 }), "k").await.problem(422, "validation_failed");
        let stranger = app.issuer.customer();
        let path = format!("/payments/{}/confirm", paying.id);
        let request = app.client.as_(&stranger).post(&path, json!({ "card_number": GOOD }));
        request.header("idempotency-key", "k").await.problem(404, "not_found");
        assert_eq!(app.books.keys().await, 0);
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.stop().await;
    }

    async fn keys_are_kept_for_a_day(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let first = app.confirm(&paying, GOOD, "k").await.expect(200).text;
        app.issuer.clock().advance(DAY.saturating_sub(SECOND));
        assert_eq!(app.confirm(&paying, GOOD, "k").await.expect(200).text, first);
        app.issuer.clock().advance(SECOND);
        app.confirm(&paying, GOOD, "k").await.problem(409, "payment_not_confirmable");

        app.issuer.clock().advance(DAY);
        let app = app.restart().await;
        eventually(async || app.books.keys().await == 0).await;
        assert_eq!(app.books.charged().await, (1, 5000));
        app.stop().await;
    }
}
