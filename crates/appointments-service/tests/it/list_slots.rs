//! `GET /providers/{id}/slots`

use serde_json::json;
use testkit::each_engine;

use crate::app::{App, path, text};

const MONDAY: &str = "2027-01-18";

each_engine! {
    async fn slots_are_within_opening_hours_by_the_providers_clock(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 150, 0).await;
        let path = format!("/providers/{}/slots?offering={offering}&from={MONDAY}&to={MONDAY}", studio.id);
        assert_eq!(app.client.get(&path).await.expect(200).json(), json!({
            "offering_id": offering,
            "time_zone": "Europe/Berlin",
            "slots": [
                { "starts_at": "2027-01-18T08:00:00Z", "ends_at": "2027-01-18T10:30:00Z" },
                { "starts_at": "2027-01-18T10:30:00Z", "ends_at": "2027-01-18T13:00:00Z" },
                { "starts_at": "2027-01-18T13:00:00Z", "ends_at": "2027-01-18T15:30:00Z" },
            ],
        }));
        assert!(app.slots(&studio, &offering, "2027-01-17").await.is_empty(), "closed on Sunday");
        app.stop().await;
    }

    async fn what_is_booked_is_not_offered_until_it_is_cancelled(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let (short, long) = (app.offering(&studio, 60, 0).await, app.offering(&studio, 240, 0).await);
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &short, "2027-01-18T10:00:00Z").await;
        assert!(!app.slots(&studio, &short, MONDAY).await.contains(&text(&appointment, "starts_at")));
        assert_eq!(app.slots(&studio, &short, MONDAY).await.len(), 7);
        assert_eq!(app.slots(&studio, &long, MONDAY).await, ["2027-01-18T12:00:00Z"]);

        app.client.as_(&ada).post_empty(&format!("{}/cancel", path(&appointment))).await.expect(200);
        assert_eq!(app.slots(&studio, &short, MONDAY).await.len(), 8);
        app.stop().await;
    }

    async fn nothing_is_offered_in_the_past(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        // It is nine o'clock on a Friday in Berlin, on the dot.
        let today = app.slots(&studio, &offering, "2027-01-15").await;
        assert_eq!((today.len(), today[0].as_str()), (7, "2027-01-15T09:00:00Z"));
        assert!(app.slots(&studio, &offering, "2027-01-14").await.is_empty());
        app.stop().await;
    }

    async fn a_window_is_made_of_instants_or_dates(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        let base = format!("/providers/{}/slots?offering={offering}", studio.id);
        let count = async |window: &str| {
            let answer = app.client.get(&format!("{base}{window}")).await.expect(200).json();
            answer["slots"].as_array().unwrap().len()
        };
        assert_eq!(count("").await, 7 + 4 * 8, "the rest of Friday and four more days, until Friday at nine");
        assert_eq!(count("&from=2027-01-18T09:00:00Z&to=2027-01-18T11:00:00Z").await, 2);
        assert_eq!(count("&from=2027-01-18&to=2027-01-19").await, 16);
        for wrong in [
            "&from=2027-01-18&to=2027-02-18",
            "&from=2027-01-18&to=2027-01-17",
            "&from=monday",
            "&from=-009999-01-01&to=9999-12-30",
        ] {
            app.client.get(&format!("{base}{wrong}")).await.problem(422, "validation_failed");
        }
        assert_eq!(count("&from=-009998-01-01T00:00:00Z&to=-009998-01-02T00:00:00Z").await, 0);
        assert_eq!(count("&from=9998-01-01&to=9998-01-31").await, 8 * 22);
        app.stop().await;
    }

    async fn an_offering_is_its_providers_alone(database: TestDatabase) {
        let app = App::start(database).await;
        let (studio, other) = (app.studio().await, app.studio().await);
        let offering = app.offering(&studio, 60, 0).await;
        let path = format!("/providers/{}/slots?offering={offering}", other.id);
        app.client.get(&path).await.problem(404, "not_found");
        app.client.get(&format!("/providers/{}/slots", studio.id)).await.problem(400, "invalid_request");
        app.stop().await;
    }
}
