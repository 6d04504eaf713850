//! `POST /auth/refresh` with the token in the cookie, as browsers do.

use serde_json::json;
use testkit::{each_engine, http::Response};

use crate::app::{App, PASSWORD, email};

/// The cookie that an answer sets: its value and its attributes in order.
fn cookie(answer: &Response) -> (String, Vec<String>) {
    let header = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {}", answer.text));
    let mut parts = header.split("; ");
    let value = parts.next().unwrap().strip_prefix("refresh_token=").unwrap().to_owned();
    let mut attributes: Vec<_> = parts.map(str::to_owned).collect();
    attributes.sort_unstable();
    (value, attributes)
}

async fn register(app: &App) -> Response {
    let body = json!({ "email": email("ada"), "name": "Ada", "password": PASSWORD });
    app.client.post("/auth/register", body).await.expect(201)
}

fn header(token: &str) -> String {
    format!("theme=dark; refresh_token={token}")
}

each_engine! {
    async fn the_cookie_is_for_this_path_and_no_script(database: TestDatabase) {
        let app = App::start(database).await;
        let answer = register(&app).await;
        assert!(answer.json().get("refresh_token").is_none());
        let (token, attributes) = cookie(&answer);
        assert_eq!(attributes, ["HttpOnly", "Max-Age=604800", "Path=/auth/refresh", "SameSite=Strict", "Secure"]);

        let renewed = app.client.post_empty("/auth/refresh").header("cookie", &header(&token)).await.expect(200);
        assert!(renewed.json().get("refresh_token").is_none());
        let (successor, attributes) = cookie(&renewed);
        assert_ne!(successor, token);
        assert!(attributes.contains(&"HttpOnly".to_owned()));
        app.stop().await;
    }

    async fn plain_http_within_the_machine_does_without_secure(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_ISSUER", "http://127.0.0.1:3000")]).await;
        let (_, attributes) = cookie(&register(&app).await);
        assert_eq!(attributes, ["HttpOnly", "Max-Age=604800", "Path=/auth/refresh", "SameSite=Strict"]);
        app.stop().await;
    }

    async fn what_came_in_a_cookie_never_leaves_in_a_body(database: TestDatabase) {
        let app = App::start(database).await;
        let (token, _) = cookie(&register(&app).await);
        let request = app.client.post_empty("/auth/refresh").header("cookie", &header(&token));
        let renewed = request.header("x-refresh-transport", "body").await.expect(200);
        assert!(renewed.json().get("refresh_token").is_none(), "a script could read it there");
        cookie(&renewed);
        app.stop().await;
    }

    async fn pages_of_other_origins_may_not_use_it(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_ALLOWED_ORIGINS", "https://app.example")]).await;
        let (mut token, _) = cookie(&register(&app).await);
        let foreign: [&[(&str, &str)]; 5] = [
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://evil.auth.example")],
            &[("sec-fetch-site", "none")],
        ];
        for headers in foreign {
            let request = app.client.post_empty("/auth/refresh").header("cookie", &header(&token));
            let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
            request.await.problem(403, "foreign_origin");
        }
        let own: [&[(&str, &str)]; 4] = [
            &[("sec-fetch-site", "same-origin"), ("origin", "https://auth.example")],
            &[("origin", "https://auth.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")],
            &[],
        ];
        for headers in own {
            let request = app.client.post_empty("/auth/refresh").header("cookie", &header(&token));
            let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
            (token, _) = cookie(&request.await.expect(200));
        }
        app.stop().await;
    }

    async fn nobody_is_signed_in_by_a_foreign_page(database: TestDatabase) {
        let app = App::start(database).await;
        app.register("ada").await;
        let body = json!({ "email": email("ada"), "password": PASSWORD });
        let foreign = app.client.post("/auth/login", &body).header("origin", "https://evil.example").await;
        assert_eq!(foreign.header("set-cookie"), None);
        foreign.problem(403, "foreign_origin");
        let in_body = app.client.post("/auth/login", &body).header("origin", "https://app.example");
        in_body.header("x-refresh-transport", "body").await.expect(200);
        app.stop().await;
    }

    async fn a_refusal_takes_no_cookie_away(database: TestDatabase) {
        let app = App::start(database).await;
        let (first, _) = cookie(&register(&app).await);
        let (second, _) =
            cookie(&app.client.post_empty("/auth/refresh").header("cookie", &header(&first)).await.expect(200));
        app.client.post_empty("/auth/refresh").header("cookie", &header(&second)).await.expect(200);
        for token in [&first, &second, "garbage"] {
            let refused = app.client.post_empty("/auth/refresh").header("cookie", &header(token)).await.expect(401);
            assert_eq!(refused.header("set-cookie"), None, "another tab may have a better one");
        }
        app.stop().await;
    }
}
