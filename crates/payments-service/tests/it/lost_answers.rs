//! A process dies while a confirmation is under way. The database is set back to what it would have left.

use std::time::Duration;

use testkit::each_engine;
use wire::appointments::v1::payment_outcome::Result::Succeeded;

use crate::app::{App, GOOD, eventually};

/// A reservation is believed to be alive this long.
const LEASE: Duration = Duration::from_secs(30);
/// After this the processor is asked what became of a charge.
const CHECK: Duration = Duration::from_mins(1);

/// Nothing was recorded of the processor's answer. 1800000060 is a minute after the issuer's clock starts.
const UNRECORDED: &[&str] = &[
    "UPDATE idempotency_keys SET status = NULL, body = NULL",
    "UPDATE payments SET status = 'processing'",
    "DELETE FROM outbox",
];

async fn die_unrecorded(app: &App) {
    app.books.rewind(UNRECORDED).await;
    let due = if app.books.is_postgres() {
        "UPDATE payments SET due_at = to_timestamp(1800000060)"
    } else {
        "UPDATE payments SET due_at = 1800000060000000"
    };
    app.books.rewind(&[due]).await;
}

async fn die_before_charging(app: &App) {
    die_unrecorded(app).await;
    app.books.rewind(&["DELETE FROM sandbox_charges"]).await;
}

each_engine! {
    async fn a_repetition_takes_over_and_does_not_charge_again(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.appointments.expect(&paying, Succeeded).await;
        die_unrecorded(&app).await;

        app.confirm(&paying, GOOD, "k").await.problem(409, "idempotency_in_flight");
        app.confirm(&paying, GOOD, "other").await.problem(409, "payment_not_confirmable");
        app.issuer.clock().advance(LEASE);
        let paid = app.confirm(&paying, GOOD, "k").await.expect(200);
        assert_eq!((paid.json()["status"].as_str(), app.books.charged().await), (Some("succeeded"), (1, 5000)));
        app.appointments.expect(&paying, Succeeded).await;
        app.stop().await;
    }

    async fn a_repetition_charges_what_was_not_charged_yet(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.appointments.expect(&paying, Succeeded).await;
        die_before_charging(&app).await;

        app.issuer.clock().advance(LEASE);
        app.confirm(&paying, GOOD, "k").await.expect(200);
        assert_eq!(app.books.charged().await, (1, 5000));
        app.stop().await;
    }

    async fn without_a_repetition_the_processor_is_asked(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.appointments.expect(&paying, Succeeded).await;
        die_unrecorded(&app).await;

        app.issuer.clock().advance(CHECK);
        app.until(&paying, "status", "succeeded").await;
        app.appointments.expect(&paying, Succeeded).await;
        let late = app.confirm(&paying, GOOD, "k").await.expect(200);
        assert_eq!((late.json()["status"].as_str(), app.books.charged().await), (Some("succeeded"), (1, 5000)));
        app.stop().await;
    }

    async fn a_charge_that_never_arrived_is_void_and_another_card_may_be_tried(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.appointments.expect(&paying, Succeeded).await;
        die_before_charging(&app).await;

        app.issuer.clock().advance(CHECK);
        app.until(&paying, "status", "requires_confirmation").await;
        app.confirm(&paying, GOOD, "k").await.problem(402, "processing_error");
        assert_eq!(app.books.charged().await, (0, 0));
        app.confirm(&paying, GOOD, "other").await.expect(200);
        eventually(async || app.books.charged().await == (1, 5000)).await;
        app.stop().await;
    }
}
