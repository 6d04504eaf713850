//! How payments ended reaches appointments-service.

use std::time::Duration;

use testkit::each_engine;
use wire::appointments::v1::payment_outcome::Result::{Cancelled, Succeeded};

use crate::app::{App, DELAY, GOOD, PAYABLE, SLOW, SLOW_AND_DECLINED};

each_engine! {
    async fn an_outcome_waits_until_its_receiver_is_up(database: TestDatabase) {
        let mut app = App::start_alone(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.appointments.refused().await;

        app.appointments.come_up();
        app.issuer.clock().advance(Duration::from_mins(1));
        app.appointments.expect(&paying, Succeeded).await;
        app.stop().await;
    }

    async fn an_outcome_survives_a_restart(database: TestDatabase) {
        let app = App::start_alone(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.appointments.refused().await;
        let mut app = app.restart().await;

        app.appointments.come_up();
        app.issuer.clock().advance(Duration::from_mins(1));
        app.appointments.expect(&paying, Succeeded).await;
        app.stop().await;
    }

    async fn slow_cards_are_reported_when_they_settle(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, SLOW, "k").await.expect(200);
        app.issuer.clock().advance(DELAY);
        app.appointments.expect(&paying, Succeeded).await;

        let failing = app.payment().await;
        app.confirm(&failing, SLOW_AND_DECLINED, "k").await.expect(200);
        app.issuer.clock().advance(DELAY);
        app.appointments.expect(&failing, Cancelled).await;
        app.stop().await;
    }

    async fn what_nobody_pays_in_time_is_cancelled(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.issuer.clock().advance(PAYABLE);
        app.appointments.expect(&paying, Cancelled).await;
        assert_eq!(app.read(&paying).await["status"], "cancelled");
        app.stop().await;
    }

    async fn what_is_being_paid_at_the_deadline_may_still_succeed(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.issuer.clock().advance(PAYABLE.saturating_sub(Duration::from_secs(1)));
        app.confirm(&paying, SLOW, "k").await.expect(200);
        app.issuer.clock().advance(DELAY);
        app.appointments.expect(&paying, Succeeded).await;
        app.stop().await;
    }
}
