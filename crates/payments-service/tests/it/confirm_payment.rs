//! `POST /payments/{id}/confirm`

use futures_util::future::join_all;
use serde_json::json;
use testkit::each_engine;
use wire::appointments::v1::payment_outcome::Result::Succeeded;

use crate::app::{App, DECLINED, DELAY, GOOD, PAYABLE, POOR, SLOW, SLOW_AND_DECLINED};

each_engine! {
    async fn a_good_card_pays(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        let paid = app.confirm(&paying, "4242 4242 4242 4242", "k").await.expect(200).json();
        assert_eq!((&paid["status"], &paid["card_last_four"]), (&json!("succeeded"), &json!("4242")));
        assert_eq!(app.read(&paying).await, paid);
        assert_eq!(app.books.charged().await, (1, 5000));
        app.appointments.expect(&paying, Succeeded).await;
        app.stop().await;
    }

    async fn a_declined_card_is_402_and_another_may_be_tried(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, DECLINED, "one").await.problem(402, "card_declined");
        app.confirm(&paying, POOR, "two").await.problem(402, "insufficient_funds");
        let declined = app.read(&paying).await;
        assert_eq!(declined["status"], "requires_confirmation");
        assert_eq!((&declined["failure_code"], &declined["card_last_four"]), (&json!("insufficient_funds"), &json!("9995")));
        assert_eq!(app.books.charged().await, (0, 0));

        let paid = app.confirm(&paying, GOOD, "three").await.expect(200).json();
        assert_eq!((&paid["status"], paid.get("failure_code")), (&json!("succeeded"), None));
        let metrics = app.client.get("/metrics").await.expect(200).text;
        for outcome in ["succeeded", "card_declined", "insufficient_funds"] {
            assert!(metrics.contains(&format!("payments_total{{outcome=\"{outcome}\"}} 1")), "{metrics}");
        }
        app.stop().await;
    }

    async fn a_slow_card_settles_when_its_time_has_come(database: TestDatabase) {
        let mut app = App::start(database).await;
        let (good, bad) = (app.payment().await, app.payment().await);
        for (paying, card) in [(&good, SLOW), (&bad, SLOW_AND_DECLINED)] {
            let begun = app.confirm(paying, card, "k").await.expect(200).json();
            assert_eq!(begun["status"], "processing");
            app.confirm(paying, GOOD, "other").await.problem(409, "payment_not_confirmable");
        }
        app.appointments.expect_nothing();

        app.issuer.clock().advance(DELAY);
        app.until(&good, "status", "succeeded").await;
        app.until(&bad, "status", "failed").await;
        assert_eq!(app.read(&bad).await["failure_code"], "card_declined");
        app.confirm(&bad, GOOD, "again").await.problem(409, "payment_not_confirmable");
        assert_eq!(app.confirm(&good, SLOW, "k").await.expect(200).json()["status"], "processing", "as it was answered then");
        app.stop().await;
    }

    async fn cards_are_checked_before_anything_happens(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        for card in ["", "4242", "4242424242424241", "4242424242424242424242", "not a card number"] {
            app.confirm(&paying, card, "k").await.problem(422, "validation_failed");
        }
        app.confirm(&paying, "5555555555554444", "k").await.problem(422, "card_unknown");
        let number = json!({ "card_number": 4_242_424_242_424_242_i64 });
        let customer = app.client.as_(&paying.customer);
        let path = format!("/payments/{}/confirm", paying.id);
        let answer = customer.post(&path, number).header("idempotency-key", "k").await;
        let problem = answer.problem(400, "invalid_json");
        assert!(!problem.to_string().contains("4242"), "{problem}");
        assert!(app.read(&paying).await.get("card_last_four").is_none());
        app.stop().await;
    }

    async fn nobody_pays_for_somebody_else(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        for stranger in [app.issuer.customer(), app.issuer.admin(), paying.provider.clone()] {
            let path = format!("/payments/{}/confirm", paying.id);
            let request = app.client.as_(&stranger).post(&path, json!({ "card_number": GOOD }));
            request.header("idempotency-key", "k").await.problem(404, "not_found");
        }
        assert_eq!(app.read(&paying).await["status"], "requires_confirmation");
        app.stop().await;
    }

    async fn nothing_is_payable_from_its_deadline_on(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.issuer.clock().advance(PAYABLE);
        app.confirm(&paying, GOOD, "k").await.problem(409, "payment_not_confirmable");
        assert_eq!(app.books.charged().await, (0, 0));
        app.stop().await;
    }

    async fn of_many_who_confirm_at_once_one_pays(database: TestDatabase) {
        let mut app = App::start(database).await;
        let keys: Vec<_> = (0..16).map(|number| format!("key {number}")).collect();
        for round in 1..=8 {
            let paying = app.payment().await;
            let answers = join_all(keys.iter().map(|key| app.confirm(&paying, GOOD, key).into_future())).await;
            let (paid, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
            assert_eq!(paid.len(), 1, "round {round}");
            for answer in refused {
                answer.problem(409, "payment_not_confirmable");
            }
            assert_eq!(app.books.charged().await, (round, 5000 * round));
            app.appointments.expect(&paying, Succeeded).await;
        }
        app.stop().await;
    }

    async fn what_is_paid_stays_paid_over_a_restart(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let first = app.confirm(&paying, GOOD, "k").await.expect(200);
        let app = app.restart().await;
        let again = app.confirm(&paying, GOOD, "k").await.expect(200);
        assert_eq!((again.text, app.books.charged().await), (first.text, (1, 5000)));
        app.stop().await;
    }
}
