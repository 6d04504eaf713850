//! `PATCH /users/me`

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn what_is_left_out_stays_and_what_is_null_goes(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.issuer.customer();
        let client = app.client.as_(&ada);
        let first = client.patch("/users/me", json!({
            "display_name": " Ada ",
            "phone": "+41446681800",
            "time_zone": "europe/zurich",
            "locale": "DE-ch",
        }));
        let told = json!({
            "id": ada.user_id,
            "display_name": "Ada",
            "phone": "+41446681800",
            "time_zone": "Europe/Zurich",
            "locale": "de-CH",
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        });
        assert_eq!(first.await.expect(200).json(), told);

        app.issuer.clock().advance(Duration::from_secs(1));
        let unchanged = client.patch("/users/me", json!({})).await.expect(200);
        assert_eq!(unchanged.json(), told);

        let second = client.patch("/users/me", json!({ "display_name": "Augusta", "phone": null })).await;
        let mut expected = told;
        expected["display_name"] = json!("Augusta");
        expected["phone"] = Value::Null;
        expected["updated_at"] = json!("2027-01-15T08:00:01Z");
        assert_eq!(second.expect(200).json(), expected);
        assert_eq!(client.get("/users/me").await.expect(200).json(), expected);
        app.stop().await;
    }

    async fn a_patch_may_be_named_as_what_it_is(database: TestDatabase) {
        let app = App::start(database).await;
        let client = app.client.as_(&app.issuer.customer());
        let patch = client.request(Method::PATCH, "/users/me").body(r#"{"locale":"de"}"#);
        let patched = patch.header("content-type", "application/merge-patch+json").await.expect(200);
        assert_eq!(patched.json()["locale"], "de");
        app.stop().await;
    }

    async fn an_unacceptable_value_changes_nothing(database: TestDatabase) {
        let app = App::start(database).await;
        let client = app.client.as_(&app.issuer.customer());
        client.patch("/users/me", json!({ "display_name": "Ada" })).await.expect(200);
        for (field, value) in [
            ("display_name", "x".repeat(81)),
            ("display_name", " ".to_owned()),
            ("phone", "0446681800".to_owned()),
            ("time_zone", "Mars/Olympus".to_owned()),
            ("locale", "en_US".to_owned()),
        ] {
            let mut patch = json!({ "display_name": "Eve" });
            patch[field] = json!(value);
            let problem = client.patch("/users/me", patch).await.problem(422, "validation_failed");
            assert!(problem["detail"].as_str().unwrap().contains(field), "{problem}");
        }
        for wrong in [json!({ "locale": 1 }), json!({ "display_name": ["Ada"] }), json!([]), json!(["Ada"]), json!(null)] {
            client.patch("/users/me", wrong).await.problem(400, "invalid_json");
        }
        assert_eq!(client.get("/users/me").await.expect(200).json()["display_name"], "Ada");
        app.stop().await;
    }

    async fn changes_of_different_fields_at_once_are_all_kept(database: TestDatabase) {
        let app = App::start(database).await;
        let client = app.client.as_(&app.issuer.customer());
        let patches = [
            json!({ "display_name": "Ada" }),
            json!({ "phone": "+41446681800" }),
            json!({ "time_zone": "Europe/Zurich" }),
            json!({ "locale": "de-CH" }),
        ];
        for _ in 0..10 {
            let clear = json!({ "display_name": null, "phone": null, "time_zone": null, "locale": null });
            client.patch("/users/me", clear).await.expect(200);
            let answers = join_all(patches.iter().map(|patch| client.patch("/users/me", patch).into_future())).await;
            for answer in answers {
                answer.expect(200);
            }
            let profile = client.get("/users/me").await.expect(200).json();
            for patch in &patches {
                let (field, value) = patch.as_object().unwrap().iter().next().unwrap();
                assert_eq!(&profile[field], value, "{profile}");
            }
        }
        app.stop().await;
    }
}
