//! `POST /auth/refresh` by many at once: copies of one token converge, and what has ended stays ended.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::{Client, each_engine, http::Response};
use tokio::task::JoinSet;

use crate::app::App;

const ROUNDS: usize = 50;
const TABS: usize = 20;

fn refresh(client: &Client, token: &str) -> impl Future<Output = Response> + Send + 'static {
    client.post("/auth/refresh", json!({ "refresh_token": token })).into_future()
}

each_engine! {
    async fn tabs_that_race_get_one_successor(database: TestDatabase) {
        let app = App::start(database).await;
        let mut token = app.register("ada").await.refresh_token;
        for round in 0..ROUNDS {
            let mut calls = JoinSet::new();
            for _ in 0..TABS {
                calls.spawn(refresh(&app.client, &token));
            }
            let answers = calls.join_all().await;
            let of = |name: &str| -> BTreeSet<String> {
                let texts = answers.iter().map(|answer| answer.json()[name].as_str().map(str::to_owned));
                texts.map(|text| text.unwrap_or_else(|| panic!("round {round}: {answers:?}"))).collect()
            };
            let successors = of("refresh_token");
            assert_eq!(successors.len(), 1, "round {round}: one rotation, one successor");
            assert_eq!(of("access_token").len(), TABS, "everybody gets an access token of their own");
            let successor = successors.into_iter().next().unwrap();
            assert_ne!(successor, token);
            token = successor;
        }
        app.stop().await;
    }

    async fn replicas_that_race_get_one_successor(database: TestDatabase) {
        let app = App::start(database).await;
        let variables = [("AUTH_INSTANCE".to_owned(), "2".to_owned())];
        let replica = crate::app::build(&app.database, &app.clock, &variables).await.unwrap();
        let second = Client::new(format!("http://{}", replica.http_address()));
        let running = testkit::Running::start(replica.health(), |shutdown| replica.run(shutdown)).await;
        let mut token = app.register("ada").await.refresh_token;
        for round in 0..20 {
            let mut calls = JoinSet::new();
            for tab in 0..8 {
                calls.spawn(refresh(if tab % 2 == 0 { &app.client } else { &second }, &token));
            }
            let answers = calls.join_all().await;
            let successors: BTreeSet<_> = answers
                .iter()
                .map(|answer| answer.json()["refresh_token"].as_str().map(str::to_owned))
                .collect();
            assert_eq!(successors.len(), 1, "round {round}: {answers:?}");
            token = successors.into_iter().next().unwrap().unwrap();
        }
        running.stop().await;
        app.stop().await;
    }

    async fn no_refresh_brings_back_a_session_that_was_logged_out(database: TestDatabase) {
        let app = App::start(database).await;
        app.register("ada").await;
        for _ in 0..20 {
            let ada = app.login("ada").await;
            let mut calls = JoinSet::new();
            for _ in 0..6 {
                calls.spawn(refresh(&app.client, &ada.refresh_token));
            }
            let logout = app.as_(&ada).post_empty("/auth/logout").await;
            let answers = calls.join_all().await;
            logout.expect(204);
            for answer in answers {
                if answer.status == 200 {
                    let newest = answer.json()["refresh_token"].as_str().unwrap().to_owned();
                    app.refresh(&newest).await.problem(401, "session_ended");
                } else {
                    answer.problem(401, "session_ended");
                }
            }
            app.refresh(&ada.refresh_token).await.problem(401, "session_ended");
        }
        app.stop().await;
    }
}
