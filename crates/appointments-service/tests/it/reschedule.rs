//! `POST /appointments/{id}/reschedule`

use serde_json::{Value, json};
use testkit::{Person, each_engine, http::Response};

use crate::app::{App, path, text};

const MONDAY_AT_NINE: &str = "2027-01-18T08:00:00Z";
const MONDAY_AT_TEN: &str = "2027-01-18T09:00:00Z";

async fn moved(app: &App, person: &Person, appointment: &Value, starts_at: &str) -> Response {
    let client = app.client.as_(&app.issuer.renew(person));
    client.post(&format!("{}/reschedule", path(appointment)), json!({ "starts_at": starts_at })).await
}

each_engine! {
    async fn both_parties_may_move_an_appointment(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        app.wait(1);
        let later = moved(&app, &ada, &appointment, MONDAY_AT_TEN).await.expect(200).json();
        let mut expected = appointment.clone();
        for (member, value) in [
            ("starts_at", MONDAY_AT_TEN),
            ("ends_at", "2027-01-18T10:00:00Z"),
            ("free_cancellation_until", "2027-01-17T09:00:00Z"),
            ("updated_at", "2027-01-15T08:01:00Z"),
        ] {
            expected[member] = json!(value);
        }
        assert_eq!(later, expected, "status, hold and payment stay");
        let slots = app.slots(&studio, &offering, "2027-01-18").await;
        assert!(slots.contains(&MONDAY_AT_NINE.to_owned()) && !slots.contains(&MONDAY_AT_TEN.to_owned()));

        let back = moved(&app, &studio.owner, &appointment, MONDAY_AT_NINE).await.expect(200).json();
        assert_eq!(text(&back, "free_cancellation_until"), MONDAY_AT_NINE, "who was moved may decline");
        app.stop().await;
    }

    async fn only_into_free_slots_to_come(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        app.booked(&app.issuer.customer(), &offering, MONDAY_AT_TEN).await;
        for (starts_at, status, code) in [
            (MONDAY_AT_TEN, 409, "slot_taken"),
            ("2027-01-18T16:00:00Z", 422, "outside_opening_hours"),
            ("2027-01-18T10:30:00Z", 422, "not_a_slot"),
            ("2027-01-15T08:00:00Z", 422, "in_the_past"),
        ] {
            moved(&app, &ada, &appointment, starts_at).await.problem(status, code);
        }
        moved(&app, &ada, &appointment, MONDAY_AT_NINE).await.expect(200);
        app.stop().await;
    }

    async fn what_has_ended_or_begun_stays_where_it_is(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let (free, priced) = (app.offering(&studio, 60, 0).await, app.offering(&studio, 60, 3000).await);
        let ada = app.issuer.customer();
        let cancelled = app.booked(&ada, &free, MONDAY_AT_NINE).await;
        app.client.as_(&ada).post_empty(&format!("{}/cancel", path(&cancelled))).await.expect(200);
        let lapsed = app.booked(&ada, &priced, MONDAY_AT_TEN).await;
        let begun = app.booked(&ada, &free, "2027-01-15T09:00:00Z").await;
        app.wait(60);
        let elsewhere = "2027-01-19T08:00:00Z";
        moved(&app, &ada, &cancelled, elsewhere).await.problem(409, "appointment_ended");
        moved(&app, &ada, &lapsed, elsewhere).await.problem(409, "appointment_ended");
        moved(&app, &ada, &begun, elsewhere).await.problem(409, "appointment_begun");
        app.stop().await;
    }

    async fn of_many_who_move_to_one_slot_one_gets_it(database: TestDatabase) {
        let mut app = App::start(database).await;
        let other = app.another().await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 30, 0).await;
        let mut appointments = Vec::new();
        for slot in app.slots(&studio, &offering, "2027-01-18").await {
            let person = app.issuer.customer();
            appointments.push((app.booked(&person, &offering, &slot).await, person));
        }
        assert_eq!(appointments.len(), 16);
        for starts_at in app.slots(&studio, &offering, "2027-01-19").await {
            let moves = appointments.iter().enumerate().map(|(index, (appointment, person))| {
                let client = if index % 2 == 0 { &app.client } else { &other };
                let path = format!("{}/reschedule", path(appointment));
                client.as_(person).post(&path, json!({ "starts_at": starts_at }))
            });
            let answers = futures_util::future::join_all(moves.map(IntoFuture::into_future)).await;
            let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
            assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 15, "{statuses:?}");
        }
        app.stop().await;
    }
}
