//! `GET /auth/admin/users`

use std::time::Duration;

use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::App;

fn emails(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect()
}

each_engine! {
    async fn users_are_listed_newest_first_in_pages(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        for name in ["ada", "bob", "cleo"] {
            app.wait(Duration::from_millis(2));
            app.register(name).await;
        }
        let client = app.as_(&grace);
        let first = client.get("/auth/admin/users?limit=3").await.expect(200).json();
        assert_eq!(emails(&first), ["cleo@people.example", "bob@people.example", "ada@people.example"]);
        let next = first["next"].as_str().unwrap();
        let last = client.get(&format!("/auth/admin/users?limit=3&after={next}")).await.expect(200).json();
        assert_eq!((emails(&last), last.get("next")), (vec!["grace@people.example"], None));
        let members: Vec<_> = last["items"][0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["disabled_at", "email", "id", "name", "registered_at", "roles"], "and no hash");
        app.stop().await;
    }

    async fn a_part_of_the_address_finds_them(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        for name in ["ada", "adam", "a_d"] {
            app.register(name).await;
        }
        let client = app.as_(&grace);
        let mut found = Vec::new();
        for part in ["ADA", "a_d", "%25", "adam@people.example", "nobody"] {
            let page = client.get(&format!("/auth/admin/users?email={part}")).await.expect(200).json();
            found.push(emails(&page).len());
        }
        assert_eq!(found, [2, 1, 0, 1, 0], "wildcards are plain characters");
        app.stop().await;
    }

    async fn wrong_pages_are_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        for (query, status, code) in [
            ("limit=0", 422, "validation_failed"),
            ("limit=101", 422, "validation_failed"),
            ("after=x", 422, "validation_failed"),
            ("limit=x", 400, "invalid_request"),
            ("page=2", 400, "invalid_request"),
        ] {
            app.as_(&grace).get(&format!("/auth/admin/users?{query}")).await.problem(status, code);
        }
        app.stop().await;
    }

    async fn the_document_says_what_lists_can_be_asked(database: TestDatabase) {
        let app = App::start(database).await;
        let document = app.client.get("/openapi.json").await.expect(200).json();
        for (path, expected) in [
            ("/auth/admin/users", vec!["email", "after", "limit"]),
            ("/auth/admin/audit", vec!["user", "after", "limit"]),
            ("/auth/sessions", vec!["after", "limit"]),
        ] {
            let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
            let names: Vec<_> = parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{path}");
        }
        app.stop().await;
    }

    async fn others_are_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        app.as_(&ada).get("/auth/admin/users").await.problem(403, "insufficient_scope");
        let roles = format!("/auth/admin/users/{}/roles", ada.id);
        app.as_(&ada).put(&roles, json!({ "roles": ["admin"] })).await.problem(403, "insufficient_scope");
        app.stop().await;
    }
}
