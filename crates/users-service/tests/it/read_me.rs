//! `GET /users/me`

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn a_profile_is_made_on_first_sight(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.issuer.customer();
        let response = app.client.as_(&ada).get("/users/me").await.expect(200);
        assert_eq!(response.json(), json!({
            "id": ada.user_id,
            "display_name": null,
            "phone": null,
            "time_zone": null,
            "locale": null,
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        }));
        assert_eq!(response.header("x-served-by"), Some("users-service/1"));
        app.stop().await;
    }

    async fn first_sights_at_once_make_one_profile(database: TestDatabase) {
        let app = App::start(database).await;
        for _ in 0..10 {
            let client = app.client.as_(&app.issuer.customer());
            let answers = join_all((0..8).map(|_| client.get("/users/me").into_future())).await;
            let mut profiles: Vec<_> = answers.into_iter().map(|answer| answer.expect(200).json()).collect();
            profiles.dedup();
            assert_eq!(profiles.len(), 1, "{profiles:?}");
        }
        let page = app.client.as_(&app.issuer.admin()).get("/users?limit=100").await.expect(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), 10);
        app.stop().await;
    }

    async fn a_profile_is_still_there_after_a_restart(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.issuer.customer();
        let before = app.client.as_(&ada).patch("/users/me", json!({ "display_name": "Ada" })).await.expect(200);
        app.issuer.clock().advance(Duration::from_secs(1));
        let app = app.restart().await;
        let after = app.client.as_(&ada).get("/users/me").await.expect(200);
        assert_eq!(after.json(), before.json());
        app.stop().await;
    }
}
