//! `POST /auth/register`

use serde_json::json;
use testkit::each_engine;

use crate::app::{App, PASSWORD, email};

each_engine! {
    async fn whoever_registers_is_signed_in(database: TestDatabase) {
        let app = App::start(database).await;
        let body = json!({ "email": " Ada@People.example ", "name": " Ada Lovelace ", "password": PASSWORD });
        let answer = app.client.post("/auth/register", body).header("x-refresh-transport", "body").await.expect(201);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("set-cookie"), None);
        let body = answer.json();
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["access_token", "expires_in", "refresh_after", "refresh_token", "token_type", "user"]);
        assert_eq!(body["token_type"], "Bearer");
        let (expires, refresh) = (body["expires_in"].as_u64().unwrap(), body["refresh_after"].as_u64().unwrap());
        assert!((570..=600).contains(&expires) && refresh < expires && refresh > expires / 2, "{body}");
        let user = &body["user"];
        assert_eq!(
            (&user["email"], &user["name"], &user["roles"]),
            (&json!("ada@people.example"), &json!("Ada Lovelace"), &json!(["customer"]))
        );
        let client = app.client.with_token(body["access_token"].as_str().unwrap());
        client.get("/auth/sessions").await.expect(200);
        app.stop().await;
    }

    async fn an_address_is_taken_in_any_spelling(database: TestDatabase) {
        let app = App::start(database).await;
        app.register("ada").await;
        let again = json!({ "email": "ADA@people.EXAMPLE", "name": "Eve", "password": PASSWORD });
        app.client.post("/auth/register", again).await.problem(409, "email_taken");
        app.stop().await;
    }

    async fn two_who_want_one_address_at_once_get_one_account(database: TestDatabase) {
        let app = App::start(database).await;
        let body = json!({ "email": email("ada"), "name": "Ada", "password": PASSWORD });
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let request = app.client.post("/auth/register", &body);
            calls.spawn(async move { request.await.status });
        }
        let mut statuses = calls.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
        app.stop().await;
    }

    async fn weak_passwords_are_refused_with_the_reason(database: TestDatabase) {
        let app = App::start(database).await;
        for (password, reason) in [
            ("short", "at least 12"),
            ("password1234", "too easy to guess"),
            ("ada-at-people", "too easy to guess"),
            (&"x1Y!".repeat(33), "at most 128"),
        ] {
            let body = json!({ "email": email("ada"), "name": "Ada", "password": password });
            let problem = app.client.post("/auth/register", body).await.problem(422, "password_unacceptable");
            assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
        }
        app.register("ada").await;
        app.stop().await;
    }

    async fn what_is_no_address_or_no_name_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        for body in [
            json!({ "email": "ada", "name": "Ada", "password": PASSWORD }),
            json!({ "email": email("ada"), "name": " ", "password": PASSWORD }),
            json!({ "email": email("ada"), "password": PASSWORD }),
        ] {
            app.client.post("/auth/register", body).await.problem(400, "invalid_json");
        }
        app.stop().await;
    }
}
