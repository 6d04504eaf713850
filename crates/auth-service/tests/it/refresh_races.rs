//! `POST /auth/refresh` by many at once and in every order: copies of one token converge, older ones are theft, and what
//! has ended stays ended. Named after how others failed at it.
//!
//! `SIGNET_FULL=1 scripts/with-postgres cargo nextest run --profile full -p auth-service --test it refresh_races` takes
//! minutes instead of seconds.

use std::{collections::BTreeSet, env, time::Duration};

use chassis::database::sql;
use serde_json::json;
use testkit::{Client, Running, each_engine, http::Response};
use tokio::task::JoinSet;

use crate::app::{App, build, open};

/// How many present one token at the same time.
const COPIES: usize = 100;

/// `full` of them when there is time, else `short`.
fn rounds(full: usize, short: usize) -> usize {
    if env::var_os("SIGNET_FULL").is_some() { full } else { short }
}

/// A second replica beside the first.
async fn replica(app: &App) -> (Client, Running) {
    let variables = [("AUTH_INSTANCE".to_owned(), "2".to_owned())];
    let service = build(&app.database, &app.clock, &variables).await.unwrap();
    let client = Client::new(format!("http://{}", service.http_address()));
    (client, Running::start(service.health(), |shutdown| service.run(shutdown)).await)
}

fn refresh(client: &Client, token: &str) -> impl Future<Output = Response> + Send + 'static {
    client.post("/auth/refresh", json!({ "refresh_token": token })).into_future()
}

fn successor(answer: &Response) -> String {
    answer.json()["refresh_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

each_engine! {
    /// CVE-2026-1035: between the check of a token and its use, others used it too.
    async fn copies_that_race_at_two_replicas_get_one_successor(database: TestDatabase) {
        let app = App::start(database).await;
        let (second, running) = replica(&app).await;
        let ada = app.register("ada").await;
        let (mut token, mut before) = (ada.refresh_token, None);
        let rounds = rounds(1_000, 10);
        for round in 0..rounds {
            let mut calls = JoinSet::new();
            for copy in 0..COPIES {
                calls.spawn(refresh(if copy % 2 == 0 { &app.client } else { &second }, &token));
            }
            let answers = calls.join_all().await;
            assert!(answers.iter().all(|answer| answer.status == 200), "round {round}: {answers:?}");
            let successors: BTreeSet<_> = answers.iter().map(successor).collect();
            assert_eq!(successors.len(), 1, "round {round}: one rotation, one successor");
            let access: BTreeSet<_> = answers.iter().map(|answer| answer.json()["access_token"].to_string()).collect();
            assert_eq!(access.len(), COPIES, "everybody gets an access token of their own");
            before = Some(std::mem::replace(&mut token, successors.into_iter().next().unwrap()));
        }
        let tables = open(&app.database).await;
        let row = sql("SELECT generation FROM sessions").fetch_one(&mut tables.read().await.unwrap()).await.unwrap();
        assert_eq!(row.get::<i64>("generation").unwrap(), i64::try_from(rounds).unwrap(), "one rotation a round");
        tables.close().await;

        app.wait(Duration::from_secs(11));
        refresh(&second, &before.unwrap()).await.problem(401, "refresh_token_reused");
        refresh(&app.client, &token).await.problem(401, "session_ended");
        running.stop().await;
        app.stop().await;
    }

    /// CVE-2026-9802: after a restart, tokens that had been replaced before it were accepted.
    async fn a_restart_forgets_no_token_that_was_used(database: TestDatabase) {
        let app = App::start(database).await;
        let used = app.register("ada").await.refresh_token;
        let newer = successor(&app.refresh(&used).await.expect(200));
        let newest = successor(&app.refresh(&newer).await.expect(200));
        let app = app.restart().await;
        app.refresh(&used).await.problem(401, "refresh_token_reused");
        app.refresh(&newest).await.problem(401, "session_ended");
        app.stop().await;
    }

    /// Keycloak #50999: tokens that were replaced within one second could not be told apart by their time.
    async fn a_replay_within_the_same_second_is_seen(database: TestDatabase) {
        let app = App::start(database).await;
        let mut tokens = vec![app.register("ada").await.refresh_token];
        // The clock stands still meanwhile.
        for _ in 0..3 {
            tokens.push(successor(&app.refresh(&tokens[tokens.len() - 1]).await.expect(200)));
        }
        app.refresh(&tokens[1]).await.problem(401, "refresh_token_reused");
        app.refresh(&tokens[3]).await.problem(401, "session_ended");
        app.stop().await;
    }

    /// Keycloak #51312: a refresh that raced a revocation gave tokens that outlived it.
    async fn no_refresh_brings_back_a_session_that_was_ended(database: TestDatabase) {
        let app = App::start(database).await;
        let (second, running) = replica(&app).await;
        app.register("ada").await;
        for round in 0..rounds(1_000, 20) {
            let ada = app.login("ada").await;
            let mut calls = JoinSet::new();
            for copy in 0..6 {
                calls.spawn(refresh(if copy % 2 == 0 { &app.client } else { &second }, &ada.refresh_token));
            }
            let path = if round % 2 == 0 { "/auth/logout" } else { "/auth/logout-all" };
            let logout = app.as_(&ada).post_empty(path).await;
            let answers = calls.join_all().await;
            logout.expect(204);
            for answer in answers {
                if answer.status == 200 {
                    refresh(&second, &successor(&answer)).await.problem(401, "session_ended");
                } else {
                    answer.problem(401, "session_ended");
                }
            }
            app.refresh(&ada.refresh_token).await.problem(401, "session_ended");
        }
        running.stop().await;
        app.stop().await;
    }
}
