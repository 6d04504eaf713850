//! `POST /appointments`

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Granting, each_engine};

use crate::{
    app::{App, booking, path, text},
    payments::Mood,
};

const MONDAY_AT_NINE: &str = "2027-01-18T08:00:00Z";

each_engine! {
    async fn what_is_free_is_confirmed_at_once(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        let ada = app.issuer.customer();
        let client = app.client.as_(&ada);
        let answer = client.post("/appointments", booking(&offering, "2027-01-18T09:00:00+01:00")).await.expect(201);
        let appointment = answer.json();
        assert_eq!(answer.header("location"), Some(path(&appointment).as_str()));
        assert_eq!(appointment, json!({
            "id": appointment["id"],
            "provider_id": studio.id,
            "customer_id": ada.user_id,
            "offering_id": offering,
            "offering_name": "Haircut",
            "starts_at": MONDAY_AT_NINE,
            "ends_at": "2027-01-18T09:00:00Z",
            "status": "confirmed",
            "price_minor": 0,
            "currency": "EUR",
            "payment_id": null,
            "hold_expires_at": null,
            "free_cancellation_until": "2027-01-17T08:00:00Z",
            "late_refund_percent": 50,
            "refund_minor": null,
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        }));
        assert_eq!(app.read(&ada, &appointment).await, appointment);
        assert!(app.payments.asked().is_empty());
        app.stop().await;
    }

    async fn what_is_answered_is_what_is_read_later(database: TestDatabase) {
        let app = App::start(database).await;
        app.issuer.clock().set("2027-01-15T08:00:00.123456789Z".parse().unwrap());
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        assert_eq!(appointment["created_at"], "2027-01-15T08:00:00.123456Z");
        assert_eq!(app.read(&ada, &appointment).await, appointment);
        app.stop().await;
    }

    async fn what_costs_is_held_and_its_payment_asked_for_in_the_customers_name(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 3000).await;
        let ada = app.issuer.customer();
        let client = app.client.as_(&ada);
        let booked = client.post("/appointments", booking(&offering, MONDAY_AT_NINE)).await.expect(201);
        let appointment = booked.json();
        assert_eq!(appointment["status"], "pending_payment");
        assert_eq!(appointment["hold_expires_at"], "2027-01-15T08:10:00Z");
        assert!(appointment["payment_id"].is_string());
        assert_eq!(app.read(&ada, &appointment).await, appointment);

        let asked = app.payments.asked();
        let [asked] = asked.as_slice() else { panic!("asked {} times", asked.len()) };
        // Good at payments-service and for this alone, and it says who asks.
        assert_eq!((asked.token.subject, asked.token.audience.as_slice()), (ada.user_id, &["payments".into()][..]));
        assert_eq!((asked.token.scope.as_str(), asked.token.roles.is_empty()), ("payments", true));
        assert_eq!(asked.token.actor.as_ref().unwrap().client_id, "appointments-service");
        assert_eq!(asked.request.appointment_id, text(&appointment, "id"));
        assert_eq!(asked.request.provider_id, studio.id);
        assert_eq!((asked.request.amount_minor, asked.request.currency.as_str()), (3000, "EUR"));
        assert_eq!(asked.request.expires_at, 1_800_000_600);
        app.stop().await;
    }

    async fn time_is_given_to_one_person_only(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let (hour, half) = (app.offering(&studio, 60, 0).await, app.offering(&studio, 30, 3000).await);
        app.booked(&app.issuer.customer(), &hour, MONDAY_AT_NINE).await;
        let client = app.client.as_(&app.issuer.customer());
        for (offering, starts_at) in
            [(&hour, MONDAY_AT_NINE), (&half, MONDAY_AT_NINE), (&half, "2027-01-18T08:30:00Z")]
        {
            client.post("/appointments", booking(offering, starts_at)).await.problem(409, "slot_taken");
        }
        assert!(app.payments.asked().is_empty(), "who loses never sees a payment");
        client.post("/appointments", booking(&half, "2027-01-18T09:00:00Z")).await.expect(201);
        let other = app.studio().await;
        app.booked(&app.issuer.customer(), &app.offering(&other, 60, 0).await, MONDAY_AT_NINE).await;
        app.stop().await;
    }

    async fn only_slots_to_come_are_booked(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        let client = app.client.as_(&app.issuer.customer());
        for (starts_at, code) in [
            ("2027-01-18T07:00:00Z", "outside_opening_hours"),
            ("2027-01-18T15:30:00Z", "outside_opening_hours"),
            ("2027-01-17T08:00:00Z", "outside_opening_hours"),
            ("2027-01-18T08:30:00Z", "not_a_slot"),
            ("2027-01-18T08:00:00.000001Z", "not_a_slot"),
            ("2027-01-15T08:00:00Z", "in_the_past"),
            ("-009999-01-03T08:00:00Z", "in_the_past"),
        ] {
            client.post("/appointments", booking(&offering, starts_at)).await.problem(422, code);
        }
        client.post("/appointments", booking(&offering, "2027-01-18T08:00")).await.problem(400, "invalid_json");
        let nothing = app.issuer.customer().user_id.to_string();
        client.post("/appointments", booking(&nothing, MONDAY_AT_NINE)).await.problem(404, "not_found");
        app.stop().await;
    }

    async fn without_a_payment_nothing_is_booked(database: TestDatabase) {
        let app = App::start_with(database, |settings| settings.payments.timeout = Duration::from_millis(500)).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 3000).await;
        let ada = app.issuer.customer();
        let client = app.client.as_(&ada);
        for mood in [Mood::Unwilling, Mood::Silent] {
            app.payments.be(mood);
            let answer = client.post("/appointments", booking(&offering, MONDAY_AT_NINE)).await;
            assert_eq!(answer.header("retry-after"), Some("5"));
            answer.problem(503, "unavailable");
            // Had the payment been made, and even paid, although the answer was lost, it is undone.
            let asked = app.payments.asked().remove(0).request.appointment_id;
            assert_eq!(app.payments.released().await, (asked, 3000));
        }
        app.payments.be(Mood::Willing);
        for granting in [Granting::Gone, Granting::Silent, Granting::Refusing("unauthorized_client")] {
            app.issuer.grant(granting);
            let answer = client.post("/appointments", booking(&offering, MONDAY_AT_NINE)).await;
            assert_eq!(answer.header("retry-after"), Some("5"));
            answer.problem(503, "unavailable");
            assert!(app.payments.asked().is_empty(), "{granting:?}");
            app.payments.released().await;
        }
        // The token is over to the second for the issuer, which everybody else does not see as closely.
        app.issuer.grant(Granting::Refusing("invalid_request"));
        let answer = client.post("/appointments", booking(&offering, MONDAY_AT_NINE)).await;
        assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
        answer.problem(401, "unauthenticated");
        app.payments.released().await;
        app.issuer.grant(Granting::Willing);
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        assert_eq!(appointment["status"], "pending_payment");
        let page = client.get("/appointments").await.expect(200).json();
        let mut statuses: Vec<_> =
            page["items"].as_array().unwrap().iter().map(|item| text(item, "status")).collect();
        statuses.sort();
        statuses.dedup();
        assert_eq!(statuses, ["cancelled", "pending_payment"]);
        app.stop().await;
    }

    async fn bookings_are_counted_by_what_became_of_them(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        app.booked(&app.issuer.customer(), &offering, MONDAY_AT_NINE).await;
        let client = app.client.as_(&app.issuer.customer());
        client.post("/appointments", booking(&offering, MONDAY_AT_NINE)).await.expect(409);
        let metrics = app.client.get("/metrics").await.expect(200).text;
        assert!(metrics.contains(r#"bookings_total{outcome="confirmed"} 1"#), "{metrics}");
        assert!(metrics.contains(r#"bookings_total{outcome="taken"} 1"#), "{metrics}");
        app.stop().await;
    }

    async fn an_appointment_keeps_the_terms_under_which_it_was_booked(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 3000).await;
        let ada = app.issuer.customer();
        let before: Value = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        let owner = app.client.as_(&studio.owner);
        let terms = json!({ "name": "Shave", "minutes": 30, "price_minor": 9900, "currency": "CHF" });
        owner.put(&format!("/providers/me/offerings/{offering}"), terms).await.expect(200);
        let me = json!({ "name": "Eve", "time_zone": "Asia/Tokyo",
            "cancellation": { "free_until_hours": 8760, "late_refund_percent": 0 } });
        owner.put("/providers/me", me).await.expect(200);
        owner.put("/providers/me/opening-hours", json!({})).await.expect(200);
        assert_eq!(app.read(&ada, &before).await, before);
        app.stop().await;
    }
}
