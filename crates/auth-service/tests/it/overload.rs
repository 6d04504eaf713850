//! More logins than the machine can hash: some are told to come back, and nothing else suffers.

use serde_json::json;
use testkit::each_engine;
use tokio::task::JoinSet;

use crate::app::{App, PASSWORD, email};

each_engine! {
    async fn logins_beyond_the_queue_are_told_to_come_back(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_HASH_THREADS", "1"), ("AUTH_HASH_QUEUE", "2")]).await;
        let ada = app.register("ada").await;
        let mut calls = JoinSet::new();
        for _ in 0..40 {
            let login = app.client.post("/auth/login", json!({ "email": email("ada"), "password": PASSWORD }));
            calls.spawn(login.into_future());
        }
        let renewed = app.refresh(&ada.refresh_token).await;
        let keys = app.client.get("/.well-known/jwks.json").await;
        let mut shed = 0;
        for answer in calls.join_all().await {
            if answer.status == 503 {
                assert_eq!(answer.header("retry-after"), Some("1"));
                answer.problem(503, "overloaded");
                shed += 1;
            } else {
                answer.expect(200);
            }
        }
        assert!((1..40).contains(&shed), "{shed} of 40 were shed");
        renewed.expect(200);
        keys.expect(200);
        app.try_login("ada", PASSWORD).await.expect(200);
        app.stop().await;
    }
}
