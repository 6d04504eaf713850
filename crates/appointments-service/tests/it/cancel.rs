//! `POST /appointments/{id}/cancel`

use serde_json::{Value, json};
use testkit::{Person, each_engine};
use wire::appointments::v1::payment_outcome::Result as Ended;

use crate::app::{App, Studio, path, text};

/// Nine o'clock on Saturday in Berlin, just a day after the beginning of time.
const IN_A_DAY: &str = "2027-01-16T08:00:00Z";

async fn studio(app: &App) -> Studio {
    let all_day = json!([{ "from": "00:00", "until": "24:00" }]);
    app.studio_in("Europe/Berlin", json!({ "friday": all_day, "saturday": all_day, "sunday": all_day })).await
}

async fn paid(app: &App, person: &Person, offering: &str, starts_at: &str) -> Value {
    let appointment = app.booked(person, offering, starts_at).await;
    assert_eq!(app.reported(&appointment, Ended::Succeeded).await, tonic::Code::Ok);
    appointment
}

async fn cancelled(app: &App, person: &Person, appointment: &Value) -> Value {
    let client = app.client.as_(&app.issuer.renew(person));
    client.post_empty(&format!("{}/cancel", path(appointment))).await.expect(200).json()
}

each_engine! {
    async fn in_time_everything_comes_back(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&studio(&app).await, 60, 3001).await;
        let ada = app.issuer.customer();
        let appointment = paid(&app, &ada, &offering, IN_A_DAY).await;
        let answer = cancelled(&app, &ada, &appointment).await;
        assert_eq!((&answer["status"], &answer["refund_minor"]), (&json!("cancelled"), &json!(3001)));
        assert_eq!(app.payments.released().await, (text(&appointment, "id"), 3001));
        app.stop().await;
    }

    async fn late_the_agreed_share_comes_back_rounded_down(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&studio(&app).await, 60, 3001).await;
        let ada = app.issuer.customer();
        let appointment = paid(&app, &ada, &offering, IN_A_DAY).await;
        app.wait(1);
        let answer = cancelled(&app, &ada, &appointment).await;
        assert_eq!((&answer["status"], &answer["refund_minor"]), (&json!("cancelled"), &json!(1500)));
        assert_eq!(app.payments.released().await, (text(&appointment, "id"), 1500));
        app.stop().await;
    }

    async fn a_provider_who_cancels_gives_everything_back(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = studio(&app).await;
        let offering = app.offering(&studio, 60, 3001).await;
        let appointment = paid(&app, &app.issuer.customer(), &offering, IN_A_DAY).await;
        app.wait(60);
        assert_eq!(cancelled(&app, &studio.owner, &appointment).await["refund_minor"], 3001);
        assert_eq!(app.payments.released().await, (text(&appointment, "id"), 3001));
        app.stop().await;
    }

    async fn cancelling_again_changes_nothing(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = studio(&app).await;
        let offering = app.offering(&studio, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = paid(&app, &ada, &offering, IN_A_DAY).await;
        let first = cancelled(&app, &ada, &appointment).await;
        app.wait(30);
        assert_eq!(cancelled(&app, &ada, &appointment).await, first);
        assert_eq!(cancelled(&app, &studio.owner, &appointment).await, first);
        assert_eq!(app.payments.released().await, (text(&appointment, "id"), 3000));
        app.released_nothing_else().await;
        app.stop().await;
    }

    async fn what_is_held_is_given_back_before_it_is_paid(database: TestDatabase) {
        let app = App::start(database).await;
        let offering = app.offering(&studio(&app).await, 60, 3000).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, IN_A_DAY).await;
        let answer = cancelled(&app, &ada, &appointment).await;
        assert_eq!((&answer["status"], &answer["refund_minor"]), (&json!("cancelled"), &json!(null)));
        // Whatever is on its way comes back whole.
        assert_eq!(app.payments.released().await, (text(&appointment, "id"), 3000));
        app.booked(&app.issuer.customer(), &offering, IN_A_DAY).await;
        app.stop().await;
    }

    async fn what_has_begun_or_lapsed_cannot_be_cancelled(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = studio(&app).await;
        let (free, priced) = (app.offering(&studio, 60, 0).await, app.offering(&studio, 60, 3000).await);
        let ada = app.issuer.customer();
        let begun = app.booked(&ada, &free, "2027-01-15T09:00:00Z").await;
        let lapsed = app.booked(&ada, &priced, IN_A_DAY).await;
        app.wait(60);
        let client = app.client.as_(&app.issuer.renew(&ada));
        let cancel = async |appointment| client.post_empty(&format!("{}/cancel", path(appointment))).await;
        cancel(&begun).await.problem(409, "appointment_begun");
        cancel(&lapsed).await.problem(409, "appointment_ended");
        app.stop().await;
    }
}
