//! `GET` and `POST /auth/admin/claim`, and the door for the command line

use std::time::Duration;

use auth_service::AccountError;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{each_engine, http::Response};
use tokio::task::JoinSet;

use crate::app::{App, PASSWORD, email};

async fn secret(app: &App) -> String {
    app.administration.first_admin_secret().await.unwrap().unwrap().expose_secret().to_owned()
}

fn body(secret: &str, name: &str, password: &str) -> Value {
    json!({ "secret": secret, "email": email(name), "name": name, "password": password })
}

async fn claim(app: &App, secret: &str, name: &str, password: &str) -> Response {
    app.client.post("/auth/admin/claim", body(secret, name, password)).await
}

each_engine! {
    async fn the_link_makes_the_first_administrator_once(database: TestDatabase) {
        let app = App::start(database).await;
        let link = secret(&app).await;
        let made = claim(&app, &link, "grace", PASSWORD).await.expect(201).json();
        assert_eq!(made["roles"], json!(["customer", "admin"]));
        let grace = app.login("grace").await;
        app.as_(&grace).get("/auth/admin/users").await.expect(200);
        claim(&app, &link, "eve", PASSWORD).await.problem(403, "admin_link_invalid");
        assert!(app.administration.first_admin_secret().await.unwrap().is_none(), "there is an administrator");
        app.stop().await;
    }

    async fn it_can_be_printed_again_and_lives_an_hour(database: TestDatabase) {
        let app = App::start(database).await;
        let first = secret(&app).await;
        app.wait(Duration::from_mins(59));
        assert_eq!(secret(&app).await, first);
        app.wait(Duration::from_mins(1));
        claim(&app, &first, "grace", PASSWORD).await.problem(403, "admin_link_invalid");
        let second = secret(&app).await;
        assert_ne!(second, first);
        claim(&app, &first, "grace", PASSWORD).await.problem(403, "admin_link_invalid");
        claim(&app, &second, "grace", PASSWORD).await.expect(201);
        app.stop().await;
    }

    async fn of_many_who_redeem_it_at_once_one_succeeds(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_CLAIM_LIMIT", "100/1m burst 100")]).await;
        let link = secret(&app).await;
        let mut calls = JoinSet::new();
        for name in ["a", "b", "c", "d", "e", "f"] {
            calls.spawn(app.client.post("/auth/admin/claim", body(&link, name, PASSWORD)).into_future());
        }
        let mut statuses: Vec<_> = calls.join_all().await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403, 403, 403, 403, 403]);
        app.stop().await;
    }

    async fn an_account_is_promoted_by_its_owner_only(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        let link = secret(&app).await;
        claim(&app, &link, "ada", "not her password").await.problem(401, "invalid_credentials");
        let promoted = claim(&app, &link, "ada", PASSWORD).await.expect(201).json();
        assert_eq!((&promoted["id"], &promoted["roles"]), (&json!(ada.id), &json!(["customer", "admin"])));
        assert!(!app.is_live(&ada).await, "the old token names the old roles");
        app.stop().await;
    }

    async fn guessing_is_limited_and_a_weak_password_does_not_use_the_link_up(database: TestDatabase) {
        let app = App::start(database).await;
        let link = secret(&app).await;
        claim(&app, &link, "grace", "password1234").await.problem(422, "password_unacceptable");
        let foreign = app.client.post("/auth/admin/claim", body(&link, "grace", PASSWORD));
        foreign.header("origin", "https://evil.example").await.problem(403, "foreign_origin");
        for guess in ["", "x", &link[..63], &link.to_lowercase()] {
            claim(&app, guess, "grace", PASSWORD).await.problem(403, "admin_link_invalid");
        }
        claim(&app, &link, "grace", PASSWORD).await.problem(429, "rate_limited");
        app.wait(Duration::from_secs(12));
        claim(&app, &link, "grace", PASSWORD).await.expect(201);
        app.stop().await;
    }

    async fn the_command_line_makes_administrators_too(database: TestDatabase) {
        let app = App::start(database).await;
        let link = secret(&app).await;
        app.admin("grace").await;
        claim(&app, &link, "eve", PASSWORD).await.problem(403, "admin_link_invalid");
        let create = |name: &str, password: &str| {
            let (email, name) = (email(name).parse().unwrap(), name.parse().unwrap());
            app.administration.create_admin(email, name, password.into())
        };
        assert!(matches!(create("grace", PASSWORD).await, Err(AccountError::EmailTaken)));
        assert!(matches!(create("joan", "password1234").await, Err(AccountError::PasswordUnacceptable(_))));
        app.stop().await;
    }

    async fn the_page_runs_its_own_script_and_nothing_else(database: TestDatabase) {
        let app = App::start(database).await;
        let page = app.client.get("/auth/admin/claim").await.expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        for (open, close, directive) in [("<script>", "</script>", "script-src"), ("<style>", "</style>", "style-src")] {
            let parts: Vec<_> = page.text.split(open).collect();
            assert_eq!(parts.len(), 2, "one {open}");
            let content = parts[1].split(close).next().unwrap();
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content.as_bytes());
            let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hash);
            assert!(policy.contains(&format!("{directive} 'sha256-{hash}'")), "{policy}");
        }
        for foreign in ["http:", "https:", "src=", "href=", "onclick=", "style="] {
            assert!(!page.text.contains(foreign), "{foreign} in {}", page.text);
        }
        app.stop().await;
    }
}
