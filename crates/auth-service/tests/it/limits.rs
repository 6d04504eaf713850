//! How often one may try, and who is not hit by it.

use std::time::Duration;

use serde_json::json;
use testkit::{each_engine, http::Response};

use crate::{
    app::{App, PASSWORD, email},
    oauth::{Program, refused},
};

const BEHIND_PROXY: (&str, &str) = ("AUTH_TRUSTED_PROXIES", "127.0.0.0/8");

async fn login_from(app: &App, address: &str, name: &str, password: &str) -> Response {
    let body = json!({ "email": email(name), "password": password });
    app.client.post("/auth/login", body).header("x-forwarded-for", address).await
}

each_engine! {
    async fn one_address_can_try_one_account_only_so_often(database: TestDatabase) {
        let app = App::start_with(database, &[BEHIND_PROXY, ("AUTH_LOGIN_LIMIT_PAIR", "6/1m burst 3")]).await;
        app.register("ada").await;
        for _ in 0..3 {
            login_from(&app, "192.0.2.1", "ada", "a guess").await.problem(401, "invalid_credentials");
        }
        let limited = login_from(&app, "192.0.2.1", "ada", PASSWORD).await;
        assert_eq!(limited.header("retry-after"), Some("10"));
        limited.problem(429, "rate_limited");
        login_from(&app, "192.0.2.2", "ada", PASSWORD).await.expect(200);
        login_from(&app, "192.0.2.1", "bob", PASSWORD).await.problem(401, "invalid_credentials");
        app.wait(Duration::from_secs(10));
        login_from(&app, "192.0.2.1", "ada", PASSWORD).await.expect(200);
        app.stop().await;
    }

    async fn one_address_can_try_only_so_many_accounts(database: TestDatabase) {
        let app = App::start_with(database, &[BEHIND_PROXY, ("AUTH_LOGIN_LIMIT_ADDRESS", "1/1m burst 4")]).await;
        for name in ["a", "b", "c", "d"] {
            login_from(&app, "2001:db8::1", name, PASSWORD).await.problem(401, "invalid_credentials");
        }
        login_from(&app, "2001:db8::ffff", "e", PASSWORD).await.problem(429, "rate_limited");
        login_from(&app, "2001:db8:0:1::1", "e", PASSWORD).await.problem(401, "invalid_credentials");
        app.stop().await;
    }

    async fn many_addresses_cannot_lock_the_owner_out(database: TestDatabase) {
        let app = App::start_with(database, &[BEHIND_PROXY, ("AUTH_LOGIN_LIMIT_ACCOUNT", "1/1h burst 5")]).await;
        app.register("ada").await;
        login_from(&app, "198.51.100.7", "ada", PASSWORD).await.expect(200);
        for host in 1..=4 {
            let guess = login_from(&app, &format!("192.0.2.{host}"), "ada", "a guess").await;
            guess.problem(401, "invalid_credentials");
        }
        login_from(&app, "192.0.2.5", "ada", PASSWORD).await.problem(429, "rate_limited");
        login_from(&app, "198.51.100.7", "ada", PASSWORD).await.expect(200);
        app.stop().await;
    }

    async fn nobody_learns_from_limits_who_has_an_account(database: TestDatabase) {
        let app = App::start_with(database, &[BEHIND_PROXY, ("AUTH_LOGIN_LIMIT_ACCOUNT", "1/1h burst 2")]).await;
        app.register("ada").await;
        for name in ["ada", "nobody"] {
            for (host, status) in [(1, 401), (2, 401), (3, 429)] {
                login_from(&app, &format!("192.0.2.{host}"), name, "a guess").await.expect(status);
            }
        }
        app.stop().await;
    }

    async fn guessing_secrets_is_limited_and_keeps_no_client_out(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_CLIENT_LIMIT_ADDRESS", "6/1m burst 3")]).await;
        let client = Program::register(&app, "reports", &["users"]).await;
        let guess = Program { id: client.id.clone(), secret: "guess".to_owned() };
        let form = "grant_type=client_credentials";
        for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"] {
            client.token(&app).await;
            refused(&guess.ask(&app, path, form).await, 401, "invalid_client");
        }
        let limited = guess.ask(&app, "/oauth2/token", form).await;
        assert_eq!(limited.header("retry-after"), Some("10"));
        limited.problem(429, "rate_limited");
        client.token(&app).await;
        app.wait(Duration::from_secs(10));
        refused(&guess.ask(&app, "/oauth2/token", form).await, 401, "invalid_client");
        app.stop().await;
    }

    async fn registration_is_limited_by_address_and_by_account(database: TestDatabase) {
        let limits = [("AUTH_REGISTER_LIMIT_ADDRESS", "20/1h burst 6"), ("AUTH_REGISTER_LIMIT_ACCOUNT", "1/1h burst 2")];
        let app = App::start_with(database, &limits).await;
        let register = |name: &str| {
            app.client.post("/auth/register", json!({ "email": email(name), "name": "N", "password": PASSWORD }))
        };
        register("ada").await.expect(201);
        register("ada").await.problem(409, "email_taken");
        register("ada").await.problem(429, "rate_limited");
        for name in ["b", "c", "d"] {
            register(name).await.expect(201);
        }
        let limited = register("e").await;
        assert_eq!(limited.header("retry-after"), Some("180"));
        limited.problem(429, "rate_limited");
        app.stop().await;
    }
}
