//! `POST /auth/refresh` with the token in the body, one after another.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{each_engine, http::Response};

use crate::app::{App, Member};

fn text(answer: &Response, name: &str) -> String {
    answer.json()[name].as_str().unwrap().to_owned()
}

/// Renews until the successor of the successor … of the first token is out.
async fn renewed(app: &App, first: &str, times: usize) -> String {
    let mut token = first.to_owned();
    for _ in 0..times {
        token = text(&app.refresh(&token).await.expect(200), "refresh_token");
    }
    token
}

each_engine! {
    async fn each_refresh_gives_a_new_pair(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        let answer = app.refresh(&ada.refresh_token).await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("set-cookie"), None);
        assert_ne!(text(&answer, "refresh_token"), ada.refresh_token);
        assert_ne!(text(&answer, "access_token"), ada.access_token);
        assert!(app.is_live(&Member::of(&answer)).await);
        app.stop().await;
    }

    async fn within_the_grace_the_same_successor_is_given_again(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        let first = app.refresh(&ada.refresh_token).await.expect(200);
        app.wait(Duration::from_secs(9));
        let again = app.refresh(&ada.refresh_token).await.expect(200);
        assert_eq!(text(&again, "refresh_token"), text(&first, "refresh_token"));
        assert_ne!(text(&again, "access_token"), text(&first, "access_token"));
        app.refresh(&text(&first, "refresh_token")).await.expect(200);
        app.stop().await;
    }

    async fn a_replay_after_the_grace_ends_the_session(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        let newest = renewed(&app, &ada.refresh_token, 1).await;
        app.wait(Duration::from_secs(10));
        app.refresh(&ada.refresh_token).await.problem(401, "refresh_token_reused");
        app.refresh(&newest).await.problem(401, "session_ended");
        assert!(!app.is_live(&ada).await);
        app.stop().await;
    }

    async fn an_older_generation_is_theft_even_within_the_grace(database: TestDatabase) {
        let app = App::start(database).await;
        let (grace, ada) = (app.admin("grace").await, app.register("ada").await);
        let newest = renewed(&app, &ada.refresh_token, 3).await;
        let stolen = app.refresh(&ada.refresh_token).await;
        assert_eq!(stolen.header("www-authenticate"), Some("Bearer"));
        stolen.problem(401, "refresh_token_reused");
        app.refresh(&newest).await.problem(401, "session_ended");
        app.login("ada").await;

        let audit = app.as_(&grace).get(&format!("/auth/admin/audit?user={}", ada.id)).await.expect(200).json();
        let reused: Vec<_> =
            audit["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "refresh_token_reused").collect();
        assert_eq!((reused.len(), &reused[0]["subject_id"], &reused[0]["actor_id"]), (1, &json!(ada.id), &Value::Null));
        app.stop().await;
    }

    async fn theft_in_one_session_leaves_the_others_alone(database: TestDatabase) {
        let app = App::start(database).await;
        let (first, second) = (app.register("ada").await, app.login("ada").await);
        renewed(&app, &first.refresh_token, 2).await;
        app.refresh(&first.refresh_token).await.problem(401, "refresh_token_reused");
        app.refresh(&second.refresh_token).await.expect(200);
        app.stop().await;
    }

    async fn without_a_grace_the_first_replay_is_theft(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_REFRESH_GRACE", "0s")]).await;
        let ada = app.register("ada").await;
        renewed(&app, &ada.refresh_token, 1).await;
        app.refresh(&ada.refresh_token).await.problem(401, "refresh_token_reused");
        app.stop().await;
    }

    async fn a_session_that_rests_too_long_lapses(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        app.wait(Duration::from_hours(7 * 24) - Duration::from_secs(1));
        let newest = renewed(&app, &ada.refresh_token, 1).await;
        app.wait(Duration::from_hours(7 * 24));
        app.refresh(&newest).await.problem(401, "session_ended");
        app.stop().await;
    }

    async fn no_renewal_extends_the_absolute_limit(database: TestDatabase) {
        let app = App::start(database).await;
        let mut token = app.register("ada").await.refresh_token;
        for _ in 0..29 {
            app.wait(Duration::from_hours(24));
            token = renewed(&app, &token, 1).await;
        }
        app.wait(Duration::from_hours(24) - Duration::from_mins(1));
        let last = app.refresh(&token).await.expect(200);
        assert_eq!(last.json()["expires_in"], 60, "no access token outlives its session");
        app.wait(Duration::from_mins(1));
        app.refresh(&text(&last, "refresh_token")).await.problem(401, "session_ended");
        app.stop().await;
    }

    async fn what_is_no_token_is_refused_without_ado(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        for token in ["", "x", &ada.access_token, &ada.refresh_token[1..], &format!("{}A", ada.refresh_token)] {
            app.refresh(token).await.problem(401, "refresh_token_invalid");
        }
        app.client.post_empty("/auth/refresh").await.problem(401, "refresh_token_invalid");
        app.client.post("/auth/refresh", json!({})).await.problem(401, "refresh_token_invalid");
        app.refresh(&ada.refresh_token).await.expect(200);
        app.stop().await;
    }

    async fn a_token_of_another_master_key_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let other = testkit::TestDatabase::sqlite();
        let key = crate::app::MASTER_KEY.replace("9f0c", "aaaa");
        let elsewhere = App::start_with(other, &[("AUTH_MASTER_KEY", &key)]).await;
        let ada = elsewhere.register("ada").await;
        app.refresh(&ada.refresh_token).await.problem(401, "refresh_token_invalid");
        elsewhere.stop().await;
        app.stop().await;
    }
}
