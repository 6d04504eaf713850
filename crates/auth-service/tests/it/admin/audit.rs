//! `GET /auth/admin/audit`

use std::time::Duration;

use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::{App, PASSWORD};

async fn deeds(app: &App, admin: &crate::app::Member, query: &str) -> Value {
    app.as_(admin).get(&format!("/auth/admin/audit?{query}")).await.expect(200).json()
}

each_engine! {
    async fn who_did_what_to_whom_is_remembered(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let ada = app.register("ada").await;
        let client = app.as_(&ada);
        // A moment after each deed, so that their order is not left to chance.
        let next = || app.wait(Duration::from_millis(2));
        next();
        app.try_login("ada", "a guess").await.expect(401);
        next();
        let change = json!({ "current_password": PASSWORD, "new_password": "another quite different sentence" });
        client.post("/auth/password", change).await.expect(204);
        next();
        client.post_empty("/auth/logout").await.expect(204);
        next();
        let user = format!("/auth/admin/users/{}", ada.id);
        app.as_(&grace).put(&format!("{user}/roles"), json!({ "roles": ["provider"] })).await.expect(200);
        next();
        app.as_(&grace).post_empty(&format!("{user}/disable")).await.expect(200);
        next();
        app.as_(&grace).post_empty(&format!("{user}/enable")).await.expect(200);

        let page = deeds(&app, &grace, &format!("user={}", ada.id)).await;
        let entries: Vec<_> = page["items"].as_array().unwrap().iter().rev().collect();
        let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        let expected = [
            "registered", "login_failed", "password_changed", "logged_out",
            "roles_changed", "user_disabled", "user_enabled",
        ];
        assert_eq!(actions, expected);
        for entry in &entries {
            let by_admin = ["roles_changed", "user_disabled", "user_enabled"].contains(&entry["action"].as_str().unwrap());
            let actor = match entry["action"].as_str().unwrap() {
                "login_failed" => Value::Null,
                _ if by_admin => json!(grace.id),
                _ => json!(ada.id),
            };
            assert_eq!((&entry["actor_id"], &entry["subject_id"]), (&actor, &json!(ada.id)), "{entry}");
            assert_eq!((&entry["address"], entry["trace_id"].as_str().unwrap().len()), (&json!("127.0.0.1"), 32));
        }
        app.stop().await;
    }

    async fn nothing_in_it_is_secret_and_it_comes_in_pages(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        app.try_login("nobody", "a guess").await.expect(401);
        let whole = deeds(&app, &grace, "").await.to_string();
        assert!(!whole.contains("example") && !whole.contains("guess") && !whole.contains("argon2"), "{whole}");
        let first = deeds(&app, &grace, "limit=1").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 1);
        let second = deeds(&app, &grace, &format!("limit=1&after={}", first["next"].as_str().unwrap())).await;
        assert_ne!(first["items"], second["items"]);
        app.stop().await;
    }
}
