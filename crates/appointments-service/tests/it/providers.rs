//! `PUT /providers/me`, `GET /providers`, `GET /providers/{id}`

use serde_json::json;
use testkit::each_engine;

use crate::app::{App, text};

fn me(time_zone: &str, free_until_hours: u32, late_refund_percent: u32) -> serde_json::Value {
    json!({
        "name": " Ada's studio ",
        "time_zone": time_zone,
        "cancellation": { "free_until_hours": free_until_hours, "late_refund_percent": late_refund_percent },
    })
}

each_engine! {
    async fn a_provider_introduces_itself_and_is_closed_at_first(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.issuer.provider();
        let client = app.client.as_(&ada);
        let provider = client.put("/providers/me", me("europe/berlin", 24, 50)).await.expect(200).json();
        assert_eq!(provider, json!({
            "id": ada.user_id,
            "name": "Ada's studio",
            "time_zone": "Europe/Berlin",
            "cancellation": { "free_until_hours": 24, "late_refund_percent": 50 },
            "opening_hours": {
                "monday": [], "tuesday": [], "wednesday": [], "thursday": [], "friday": [], "saturday": [],
                "sunday": [],
            },
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        }));
        let public = app.client.get(&format!("/providers/{}", ada.user_id)).await.expect(200);
        assert_eq!(public.json(), provider);
        assert_eq!(public.header("x-served-by"), Some("appointments-service/1"));
        app.stop().await;
    }

    async fn what_a_provider_says_again_replaces_what_it_said(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        app.wait(1);
        let client = app.client.as_(&studio.owner);
        let before = app.client.get(&format!("/providers/{}", studio.id)).await.expect(200).json();
        let after = client.put("/providers/me", me("Asia/Tokyo", 0, 100)).await.expect(200).json();
        assert_eq!(after["time_zone"], "Asia/Tokyo");
        assert_eq!(after["cancellation"], json!({ "free_until_hours": 0, "late_refund_percent": 100 }));
        assert_eq!(after["opening_hours"], before["opening_hours"]);
        assert_eq!((&after["created_at"], &after["updated_at"]), (&before["created_at"], &json!("2027-01-15T08:01:00Z")));
        app.stop().await;
    }

    async fn what_makes_no_sense_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let client = app.client.as_(&app.issuer.provider());
        for wrong in [me("Mars/Olympus", 24, 50), me("Europe/Berlin", 8761, 50), me("Europe/Berlin", 24, 101)] {
            client.put("/providers/me", &wrong).await.problem(422, "validation_failed");
        }
        client.put("/providers/me", me("Europe/Berlin", 24, 256)).await.problem(400, "invalid_json");
        let blank = json!({ "name": "", "time_zone": "UTC",
            "cancellation": { "free_until_hours": 0, "late_refund_percent": 0 } });
        client.put("/providers/me", blank).await.problem(422, "validation_failed");
        app.stop().await;
    }

    async fn providers_are_listed_in_pages(database: TestDatabase) {
        let app = App::start(database).await;
        let mut introduced = Vec::new();
        for _ in 0..3 {
            introduced.push(app.studio().await.id);
        }
        introduced.sort();
        let first = app.client.get("/providers?limit=2").await.expect(200).json();
        let next = text(&first, "next");
        let second = app.client.get(&format!("/providers?limit=2&after={next}")).await.expect(200).json();
        let items = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
        let listed: Vec<_> = items.iter().map(|item| text(item, "id")).collect();
        assert_eq!(listed, introduced);
        assert!(second.get("next").is_none());
        app.client.get("/providers?limit=0").await.problem(422, "validation_failed");
        app.client.get("/providers?limt=1").await.problem(400, "invalid_request");
        app.client.get("/providers/me").await.problem(404, "not_found");
        app.stop().await;
    }
}
