//! `GET /payments`

use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn one_pages_through_one_s_own_newest_first(database: TestDatabase) {
        let app = App::start(database).await;
        let customer = app.issuer.customer();
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(app.payment_of(&customer).await.id);
        }
        app.payment().await;
        ids.sort();
        ids.reverse();

        let client = app.client.as_(&customer);
        let (mut seen, mut sizes, mut path) = (Vec::new(), Vec::new(), "/payments?limit=2".to_owned());
        loop {
            let page = client.get(&path).await.expect(200).json();
            let items = page["items"].as_array().unwrap();
            sizes.push(items.len());
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/payments?limit=2&after={next}");
        }
        assert_eq!((seen, sizes), (ids, vec![2, 2, 1]));
        app.stop().await;
    }

    async fn what_one_is_paid_is_not_what_one_pays(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let page = app.client.as_(&paying.provider).get("/payments").await.expect(200).json();
        assert_eq!(page, json!({ "items": [] }));
        app.stop().await;
    }

    async fn limits_and_cursors_are_checked(database: TestDatabase) {
        let app = App::start(database).await;
        let customer = app.client.as_(&app.issuer.customer());
        for query in ["limit=0", "limit=101", "after=x"] {
            customer.get(&format!("/payments?{query}")).await.problem(422, "validation_failed");
        }
        app.stop().await;
    }
}
