//! `GET /auth/sessions` and `DELETE /auth/sessions/{id}`

use std::time::Duration;

use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::{App, Member, PASSWORD, email};

async fn list(app: &App, member: &Member) -> Vec<Value> {
    let page = app.as_(member).get("/auth/sessions").await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

each_engine! {
    async fn sessions_show_when_and_where_they_were_begun(database: TestDatabase) {
        let app = App::start(database).await;
        let first = app.register("ada").await;
        app.wait(Duration::from_mins(3));
        let login = app.client.post("/auth/login", json!({ "email": email("ada"), "password": PASSWORD }));
        let login = login.header("user-agent", "Browser/1 (\"test\")").header("x-refresh-transport", "body");
        let second = Member::of(&login.await.expect(200));
        app.wait(Duration::from_mins(2));
        app.refresh(&first.refresh_token).await.expect(200);

        let sessions = list(&app, &second).await;
        assert_eq!(sessions.len(), 2);
        let (newest, oldest) = (&sessions[0], &sessions[1]);
        assert_eq!((&newest["current"], &oldest["current"]), (&json!(true), &json!(false)));
        assert_eq!((&newest["ip"], &newest["user_agent"]), (&json!("127.0.0.1"), &json!("Browser/1 (\"test\")")));
        assert_eq!(newest["created_at"], newest["last_used_at"]);
        let time = |session: &Value, name: &str| session[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let used = time(oldest, "last_used_at").duration_since(time(oldest, "created_at"));
        assert_eq!(used.as_mins(), 5);
        let whole = time(oldest, "expires_at").duration_since(time(oldest, "created_at"));
        assert_eq!(whole.as_hours(), 30 * 24);
        app.stop().await;
    }

    async fn ended_and_lapsed_sessions_are_not_listed(database: TestDatabase) {
        let variables = [("AUTH_SESSION_IDLE", "5m"), ("AUTH_ACCESS_TOKEN_LIFETIME", "20m")];
        let app = App::start_with(database, &variables).await;
        app.register("ada").await;
        let ended = app.login("ada").await;
        app.as_(&ended).post_empty("/auth/logout").await.expect(204);
        app.wait(Duration::from_mins(5));
        let last = app.login("ada").await;
        assert_eq!(list(&app, &last).await.len(), 1);
        app.stop().await;
    }

    async fn a_list_comes_in_pages(database: TestDatabase) {
        let app = App::start(database).await;
        let mut ada = app.register("ada").await;
        for _ in 0..4 {
            app.wait(Duration::from_millis(2));
            ada = app.login("ada").await;
        }
        let (mut seen, mut path) = (Vec::new(), "/auth/sessions?limit=2".to_owned());
        loop {
            let page = app.as_(&ada).get(&path).await.expect(200).json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/auth/sessions?limit=2&after={next}");
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable_by(|one, other| other.cmp(one));
        sorted.dedup();
        assert_eq!((seen.len(), &seen), (5, &sorted), "each once, newest first");
        app.stop().await;
    }

    async fn one_may_end_ones_own_sessions_and_nobody_elses(database: TestDatabase) {
        let app = App::start(database).await;
        let (lost, ada, bob) = (app.register("ada").await, app.login("ada").await, app.register("bob").await);
        let sessions = list(&app, &ada).await;
        let other = sessions.iter().find(|session| session["current"] == false).unwrap();
        let path = format!("/auth/sessions/{}", other["id"].as_str().unwrap());
        app.as_(&bob).delete(&path).await.problem(404, "not_found");
        app.refresh(&lost.refresh_token).await.expect(200);
        app.as_(&ada).delete(&path).await.expect(204);
        app.as_(&ada).delete(&path).await.problem(404, "not_found");
        app.refresh(&lost.refresh_token).await.problem(401, "session_ended");
        assert_eq!(list(&app, &ada).await.len(), 1);
        app.stop().await;
    }
}
