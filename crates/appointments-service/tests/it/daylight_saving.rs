//! Booking in the nights on which clocks are set.

use serde_json::json;
use testkit::each_engine;

use crate::app::{App, booking};

each_engine! {
    async fn the_hour_that_is_skipped_cannot_be_booked(database: TestDatabase) {
        let app = App::start(database).await;
        let hours = json!({ "sunday": [{ "from": "01:00", "until": "05:00" }] });
        let studio = app.studio_in("Europe/Berlin", hours).await;
        let offering = app.offering(&studio, 60, 0).await;
        let slots = app.slots(&studio, &offering, "2027-03-28").await;
        assert_eq!(slots, ["2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z"]);
        for slot in slots {
            app.booked(&app.issuer.customer(), &offering, &slot).await;
        }
        app.stop().await;
    }

    async fn the_hour_that_is_repeated_is_booked_once(database: TestDatabase) {
        let app = App::start(database).await;
        let hours = json!({ "sunday": [{ "from": "01:00", "until": "04:00" }] });
        let studio = app.studio_in("America/New_York", hours).await;
        let offering = app.offering(&studio, 60, 0).await;
        let slots = app.slots(&studio, &offering, "2027-11-07").await;
        assert_eq!(slots, ["2027-11-07T05:00:00Z", "2027-11-07T07:00:00Z", "2027-11-07T08:00:00Z"]);
        for slot in slots {
            app.booked(&app.issuer.customer(), &offering, &slot).await;
        }
        let second_showing = booking(&offering, "2027-11-07T06:00:00Z");
        let client = app.client.as_(&app.issuer.customer());
        client.post("/appointments", second_showing).await.problem(422, "outside_opening_hours");
        app.stop().await;
    }

    async fn half_an_hour_goes_and_comes_on_lord_howe(database: TestDatabase) {
        let app = App::start(database).await;
        let hours = json!({ "sunday": [{ "from": "01:30", "until": "03:00" }] });
        let studio = app.studio_in("Australia/Lord_Howe", hours).await;
        let offering = app.offering(&studio, 30, 0).await;
        let forward = app.slots(&studio, &offering, "2027-10-03").await;
        assert_eq!(forward, ["2027-10-02T15:00:00Z", "2027-10-02T15:30:00Z"]);
        let back = app.slots(&studio, &offering, "2027-04-04").await;
        assert_eq!(back, ["2027-04-03T14:30:00Z", "2027-04-03T15:30:00Z", "2027-04-03T16:00:00Z"]);
        for slot in [forward, back].concat() {
            app.booked(&app.issuer.customer(), &offering, &slot).await;
        }
        app.stop().await;
    }
}
