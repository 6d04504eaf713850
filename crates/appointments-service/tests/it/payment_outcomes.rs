//! `signet.appointments.v1.PaymentOutcomes/Report`

use serde_json::{Value, json};
use testkit::each_engine;
use tonic::Code;
use wire::appointments::v1::{PaymentOutcome, payment_outcome::Result as Ended};

use crate::app::{App, text};

const MONDAY_AT_NINE: &str = "2027-01-18T08:00:00Z";

impl App {
    /// How payments-service's report that the payment of an appointment ended so is answered.
    pub(crate) async fn reported(&self, appointment: &Value, ended: Ended) -> Code {
        self.report(outcome(&text(appointment, "id"), &text(appointment, "payment_id"), ended)).await
    }

    /// As payments-service reports.
    async fn report(&self, outcome: PaymentOutcome) -> Code {
        let token = self.issuer.own("payments-service", "appointments", "appointments:report").mint();
        self.payments.report(self.rpc, &token, outcome).await
    }
}

fn outcome(appointment: &str, payment: &str, ended: Ended) -> PaymentOutcome {
    let (appointment_id, payment_id) = (appointment.to_owned(), payment.to_owned());
    PaymentOutcome { appointment_id, payment_id, result: ended.into() }
}

each_engine! {
    async fn a_payment_confirms_an_appointment_once(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&app.studio().await, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        app.wait(1);
        assert_eq!(app.reported(&appointment, Ended::Succeeded).await, Code::Ok);
        let confirmed = app.read(&ada, &appointment).await;
        assert_eq!((&confirmed["status"], &confirmed["hold_expires_at"]), (&json!("confirmed"), &json!(null)));
        assert_eq!(confirmed["updated_at"], "2027-01-15T08:01:00Z");

        app.wait(1);
        let again = [Ended::Succeeded, Ended::Succeeded, Ended::Cancelled, Ended::Succeeded];
        let again = again.map(|ended| app.reported(&appointment, ended));
        assert_eq!(futures_util::future::join_all(again).await, [Code::Ok; 4]);
        assert_eq!(app.read(&ada, &appointment).await, confirmed);
        app.wait(30);
        assert_eq!(app.read(&ada, &appointment).await, confirmed, "what is paid does not lapse");
        app.released_nothing_else().await;
        app.stop().await;
    }

    async fn a_payment_that_will_not_come_ends_the_hold(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&app.studio().await, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        assert_eq!(app.reported(&appointment, Ended::Cancelled).await, Code::Ok);
        assert_eq!(app.read(&ada, &appointment).await["status"], "lapsed");
        app.booked(&app.issuer.customer(), &offering, MONDAY_AT_NINE).await;
        app.stop().await;
    }

    async fn a_late_payment_still_confirms_what_is_free(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&app.studio().await, 60, 3000).await;
        let (ada, eve) = (app.issuer.customer(), app.issuer.customer());
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        app.wait(10);
        // Somebody else had it meanwhile and let it lapse as well.
        let other = app.booked(&eve, &offering, MONDAY_AT_NINE).await;
        app.wait(10);
        assert_eq!(app.reported(&appointment, Ended::Succeeded).await, Code::Ok);
        assert_eq!(app.read(&ada, &appointment).await["status"], "confirmed");
        app.released_nothing_else().await;

        assert_eq!(app.reported(&other, Ended::Succeeded).await, Code::Ok);
        assert_eq!(app.payments.released().await, (text(&other, "id"), 3000));
        app.stop().await;
    }

    async fn a_late_payment_for_time_that_is_taken_comes_back_whole_and_once(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&app.studio().await, 60, 3000).await;
        let (ada, eve) = (app.issuer.customer(), app.issuer.customer());
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        app.wait(10);
        let taken = app.booked(&eve, &offering, MONDAY_AT_NINE).await;
        for _ in 0..3 {
            assert_eq!(app.reported(&appointment, Ended::Succeeded).await, Code::Ok);
        }
        assert_eq!(app.payments.released().await, (text(&appointment, "id"), 3000));
        let late = app.read(&ada, &appointment).await;
        assert_eq!((&late["status"], &late["refund_minor"]), (&json!("lapsed"), &json!(3000)));

        assert_eq!(app.reported(&taken, Ended::Succeeded).await, Code::Ok);
        assert_eq!(app.read(&eve, &taken).await["status"], "confirmed");
        app.released_nothing_else().await;
        app.stop().await;
    }

    async fn only_payments_service_in_its_own_name_counts(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&app.studio().await, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        let own = |audience, scope| app.issuer.own("payments-service", audience, scope);
        let report = "appointments:report";
        for (what, token, code) in [
            ("none", String::new(), Code::Unauthenticated),
            ("the customer's", ada.token.clone(), Code::PermissionDenied),
            ("an administrator's", app.issuer.admin().token, Code::PermissionDenied),
            ("for another purpose", own("appointments", "payments:release").mint(), Code::PermissionDenied),
            ("for another service", own("payments", report).mint(), Code::Unauthenticated),
            ("expired", own("appointments", report).expired().mint(), Code::Unauthenticated),
        ] {
            let outcome =
                outcome(&text(&appointment, "id"), &text(&appointment, "payment_id"), Ended::Succeeded);
            assert_eq!(app.payments.report(app.rpc, &token, outcome).await, code, "{what}");
        }
        assert_eq!(app.read(&ada, &appointment).await, appointment);
        app.stop().await;
    }

    async fn what_cannot_be_meant_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&app.studio().await, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        let (id, payment) = (text(&appointment, "id"), text(&appointment, "payment_id"));
        for (appointment, payment, ended, code) in [
            ("x", payment.as_str(), Ended::Succeeded, Code::InvalidArgument),
            (id.as_str(), "", Ended::Succeeded, Code::InvalidArgument),
            (id.as_str(), payment.as_str(), Ended::Unspecified, Code::InvalidArgument),
            (id.as_str(), id.as_str(), Ended::Succeeded, Code::InvalidArgument),
            (payment.as_str(), payment.as_str(), Ended::Succeeded, Code::NotFound),
        ] {
            assert_eq!(app.report(outcome(appointment, payment, ended)).await, code);
        }
        assert_eq!(app.read(&ada, &appointment).await, appointment);
        app.stop().await;
    }
}
