//! `POST /payments/{id}/refund`

use futures_util::future::join_all;
use serde_json::json;
use testkit::each_engine;

use crate::app::{App, GOOD, SLOW, eventually};

each_engine! {
    async fn the_provider_gives_back_in_parts_and_then_the_rest(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        let part = app.refund(&paying, json!({ "amount_minor": 1200 }), "a").await.expect(200).json();
        assert_eq!((part["refunded_minor"].as_i64(), part["status"].as_str()), (Some(1200), Some("succeeded")));
        app.refund(&paying, json!({ "amount_minor": 3801 }), "b").await.problem(422, "refund_exceeds_payment");
        let rest = app.refund(&paying, json!({}), "c").await.expect(200).json();
        assert_eq!(rest["refunded_minor"], 5000);
        app.refund(&paying, json!({}), "d").await.problem(409, "payment_not_refundable");
        assert_eq!(app.read(&paying).await, rest);
        eventually(async || app.books.given_back().await == (2, 5000)).await;
        let counted = async || app.client.get("/metrics").await.expect(200).text.contains("refunds_total 2");
        eventually(counted).await;
        app.stop().await;
    }

    async fn an_administrator_gives_back_anybody_s_money(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        let path = format!("/payments/{}/refund", paying.id);
        let admin = app.client.as_(&app.issuer.admin());
        let refunded = admin.post(&path, json!({})).header("idempotency-key", "k").await.expect(200).json();
        assert_eq!(refunded["refunded_minor"], 5000);
        app.stop().await;
    }

    async fn nobody_else_gives_anything_back(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        let path = format!("/payments/{}/refund", paying.id);
        let send = |client: &testkit::Client| client.post(&path, json!({})).header("idempotency-key", "k");
        let customer = app.client.as_(&paying.customer);
        send(&customer).await.problem(403, "insufficient_scope");
        send(&app.client.as_(&app.issuer.provider())).await.problem(404, "not_found");
        // A provider who is the customer this time.
        let roles = [identity::Role::Customer, identity::Role::Provider];
        let both = app.issuer.person(paying.customer.user_id, &roles);
        send(&app.client.as_(&both)).await.problem(404, "not_found");
        assert_eq!(app.read(&paying).await["refunded_minor"], 0);
        app.stop().await;
    }

    async fn only_what_is_paid_is_given_back(database: TestDatabase) {
        let app = App::start(database).await;
        let (unpaid, paying) = (app.payment().await, app.payment().await);
        app.confirm(&paying, SLOW, "k").await.expect(200);
        for paying in [&unpaid, &paying] {
            app.refund(paying, json!({}), "k").await.problem(409, "payment_not_refundable");
        }
        for amount in [0, -1, i64::MIN] {
            let refused = app.refund(&unpaid, json!({ "amount_minor": amount }), "v").await;
            refused.problem(422, "validation_failed");
        }
        app.stop().await;
    }

    async fn many_refunds_at_once_never_exceed_the_payment(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        let keys: Vec<_> = (0..24).map(|number| format!("key {number}")).collect();
        let refund = |key| app.refund(&paying, json!({ "amount_minor": 700 }), key).into_future();
        let answers = join_all(keys.iter().map(|key| refund(key))).await;
        let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(made.len(), 7);
        for answer in refused {
            answer.problem(422, "refund_exceeds_payment");
        }
        assert_eq!(app.read(&paying).await["refunded_minor"], 4900);
        eventually(async || app.books.given_back().await == (7, 4900)).await;
        app.stop().await;
    }

    async fn a_storm_of_one_refund_gives_back_once(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        let storm = (0..32).map(|_| app.refund(&paying, json!({ "amount_minor": 100 }), "r").into_future());
        for answer in join_all(storm).await {
            if answer.status == 200 {
                assert_eq!(answer.json()["refunded_minor"], 100);
            } else {
                answer.problem(409, "idempotency_in_flight");
            }
        }
        assert_eq!(app.read(&paying).await["refunded_minor"], 100);
        eventually(async || app.books.given_back().await == (1, 100)).await;
        app.stop().await;
    }
}
