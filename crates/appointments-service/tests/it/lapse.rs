//! Holds that nobody pays for.

use std::time::Duration;

use serde_json::json;
use testkit::each_engine;
use tokio::time::timeout;

use crate::app::App;

const MONDAY_AT_NINE: &str = "2027-01-18T08:00:00Z";

each_engine! {
    async fn a_hold_that_expired_is_in_nobodys_way_even_before_it_is_swept(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 3000).await;
        let (ada, eve) = (app.issuer.customer(), app.issuer.customer());
        let held = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        app.wait(9);
        assert_eq!(app.read(&ada, &held).await["status"], "pending_payment");
        assert!(!app.slots(&studio, &offering, "2027-01-18").await.contains(&MONDAY_AT_NINE.to_owned()));

        app.wait(1);
        assert_eq!(app.read(&ada, &held).await["status"], "lapsed");
        assert!(app.slots(&studio, &offering, "2027-01-18").await.contains(&MONDAY_AT_NINE.to_owned()));
        let taken = app.booked(&eve, &offering, MONDAY_AT_NINE).await;
        assert_eq!(taken["status"], "pending_payment");
        assert_eq!(app.read(&ada, &held).await["updated_at"], "2027-01-15T08:10:00Z");
        // Its payment ends by itself at the same time; should it have been paid just then, its outcome decides.
        app.released_nothing_else().await;
        app.stop().await;
    }

    async fn the_sweeper_ends_what_nobody_asks_about(database: TestDatabase) {
        let often = Duration::from_millis(20);
        let app = App::start_with(database, |settings| settings.sweep_interval = often).await;
        let (studio, other) = (app.studio().await, app.studio().await);
        let ada = app.issuer.customer();
        let mut held = Vec::new();
        for (studio, starts_at) in
            [(&studio, MONDAY_AT_NINE), (&studio, "2027-01-18T09:00:00Z"), (&other, MONDAY_AT_NINE)]
        {
            let offering = app.offering(studio, 60, 3000).await;
            held.push(app.booked(&ada, &offering, starts_at).await);
        }
        let kept = app.booked(&ada, &app.offering(&other, 60, 0).await, "2027-01-18T09:00:00Z").await;
        app.wait(10);
        for appointment in held {
            // What has only been found expired was not changed; what was swept, was.
            let swept = async { while app.read(&ada, &appointment).await["updated_at"] != "2027-01-15T08:10:00Z" {} };
            timeout(Duration::from_secs(10), swept).await.unwrap();
        }
        assert_eq!(app.read(&ada, &kept).await["status"], "confirmed");
        // Counted once it is committed, which is a moment after it can be read.
        let metrics = async || app.client.get("/metrics").await.expect(200).text;
        let counted = async { while !metrics().await.contains("holds_lapsed_total 3") {} };
        timeout(Duration::from_secs(10), counted).await.unwrap();
        app.stop().await;
    }

    async fn nothing_is_held_beyond_its_beginning(database: TestDatabase) {
        let app = App::start(database).await;
        let hours = json!({ "friday": [{ "from": "08:55", "until": "17:00" }] });
        let studio = app.studio_in("Europe/Berlin", hours).await;
        let offering = app.offering(&studio, 10, 3000).await;
        let held = app.booked(&app.issuer.customer(), &offering, "2027-01-15T08:05:00Z").await;
        assert_eq!(held["hold_expires_at"], "2027-01-15T08:05:00Z");
        app.stop().await;
    }
}
