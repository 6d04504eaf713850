//! `GET /users`

use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn administrators_page_through_everybody_newest_first(database: TestDatabase) {
        let app = App::start(database).await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            let somebody = app.issuer.customer();
            app.client.as_(&somebody).get("/users/me").await.expect(200);
            ids.push(somebody.user_id.to_string());
        }
        ids.sort();
        ids.reverse();

        let admin = app.client.as_(&app.issuer.admin());
        let (mut seen, mut sizes, mut path) = (Vec::new(), Vec::new(), "/users?limit=2".to_owned());
        loop {
            let page = admin.get(&path).await.expect(200).json();
            let items = page["items"].as_array().unwrap();
            sizes.push(items.len());
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/users?limit=2&after={next}");
        }
        assert_eq!((seen, sizes), (ids, vec![2, 2, 1]));
        app.stop().await;
    }

    async fn a_list_without_anybody_is_empty(database: TestDatabase) {
        let app = App::start(database).await;
        let page = app.client.as_(&app.issuer.admin()).get("/users").await.expect(200).json();
        assert_eq!(page, json!({ "items": [] }));
        app.stop().await;
    }

    async fn limits_and_cursors_are_checked(database: TestDatabase) {
        let app = App::start(database).await;
        let admin = app.client.as_(&app.issuer.admin());
        for query in ["limit=0", "limit=101", "after=x"] {
            admin.get(&format!("/users?{query}")).await.problem(422, "validation_failed");
        }
        for query in ["limit=-1", "limit=x", "offset=1"] {
            admin.get(&format!("/users?{query}")).await.problem(400, "invalid_request");
        }
        app.stop().await;
    }

    async fn customers_and_providers_see_nobody(database: TestDatabase) {
        let app = App::start(database).await;
        for person in [app.issuer.customer(), app.issuer.provider()] {
            let problem: Value = app.client.as_(&person).get("/users").await.problem(403, "insufficient_scope");
            assert!(problem.get("items").is_none());
        }
        app.stop().await;
    }
}
