//! `PUT /providers/me/opening-hours`

use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn hours_are_replaced_as_a_whole(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let client = app.client.as_(&studio.owner);
        let hours = json!({ "sunday": [{ "from": "20:00", "until": "24:00" }, { "from": "08:15", "until": "09:00" }] });
        let provider = client.put("/providers/me/opening-hours", hours).await.expect(200).json();
        assert_eq!(provider["opening_hours"]["monday"], json!([]));
        let in_order = json!([{ "from": "08:15", "until": "09:00" }, { "from": "20:00", "until": "24:00" }]);
        assert_eq!(provider["opening_hours"]["sunday"], in_order);
        app.stop().await;
    }

    async fn hours_that_overlap_or_end_before_they_begin_are_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let client = app.client.as_(&studio.owner);
        for hours in [
            json!([{ "from": "09:00", "until": "12:00" }, { "from": "11:00", "until": "13:00" }]),
            json!([{ "from": "12:00", "until": "09:00" }]),
            json!([{ "from": "09:00", "until": "25:00" }]),
        ] {
            let week = json!({ "monday": hours });
            client.put("/providers/me/opening-hours", week).await.problem(422, "validation_failed");
        }
        app.stop().await;
    }

    async fn who_has_not_introduced_itself_has_no_hours(database: TestDatabase) {
        let app = App::start(database).await;
        let client = app.client.as_(&app.issuer.provider());
        client.put("/providers/me/opening-hours", json!({})).await.problem(409, "no_provider");
        app.stop().await;
    }
}
