//! `POST /auth/login`

use chassis::database::{Database, sql};
use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::{App, PASSWORD, email, open};

async fn stored_hash(database: &Database) -> String {
    let row = sql("SELECT password_hash FROM users").fetch_one(&mut database.read().await.unwrap()).await;
    row.unwrap().get("password_hash").unwrap()
}

async fn store_hash(database: &Database, hash: &str) {
    let mut transaction = database.begin().await.unwrap();
    sql("UPDATE users SET password_hash = $1").bind(hash).execute(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

each_engine! {
    async fn the_right_password_begins_a_session_of_its_own(database: TestDatabase) {
        let app = App::start(database).await;
        let first = app.register("ada").await;
        let second = app.login("ada").await;
        assert_eq!(first.id, second.id);
        assert_ne!(first.refresh_token, second.refresh_token);
        let sessions = app.as_(&second).get("/auth/sessions").await.expect(200).json();
        assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
        app.stop().await;
    }

    async fn unknown_wrong_and_disabled_are_answered_alike(database: TestDatabase) {
        let app = App::start(database).await;
        let (admin, bob) = (app.admin("grace").await, app.register("bob").await);
        app.register("ada").await;
        app.as_(&admin).post_empty(&format!("/auth/admin/users/{}/disable", bob.id)).await.expect(200);
        let long = "x".repeat(2000);
        let mut bodies = Vec::new();
        for (name, password) in
            [("nobody", PASSWORD), ("ada", "not her password"), ("bob", PASSWORD), ("ada", ""), ("ada", &long)]
        {
            let answer = app.try_login(name, password).await;
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.header("set-cookie"), None);
            let mut problem = answer.problem(401, "invalid_credentials");
            problem["trace_id"] = Value::Null;
            bodies.push(problem);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
        app.stop().await;
    }

    async fn a_password_is_taken_as_it_is(database: TestDatabase) {
        let app = App::start(database).await;
        let password = "  Žluťoučký kůň\u{0} úpěl  ";
        let body = json!({ "email": email("ada"), "name": "Ada", "password": password });
        app.client.post("/auth/register", body).await.expect(201);
        app.try_login("ada", password).await.expect(200);
        for other in [password.trim(), &password.to_uppercase(), &password[..password.len() - 1]] {
            app.try_login("ada", other).await.problem(401, "invalid_credentials");
        }
        app.stop().await;
    }

    async fn a_hash_with_outdated_parameters_is_renewed(database: TestDatabase) {
        let app = App::start(database).await;
        app.register("ada").await;
        let database = open(&app.database).await;
        let params = argon2::Params::new(64, 1, 1, None).unwrap();
        let weak = argon2::Argon2::from(params);
        let weak = argon2::PasswordHasher::hash_password_with_salt(&weak, PASSWORD.as_bytes(), &[7; 16]).unwrap();
        store_hash(&database, &weak.to_string()).await;

        app.try_login("ada", "not her password").await.expect(401);
        assert_eq!(stored_hash(&database).await, weak.to_string(), "only the right password can renew it");
        app.login("ada").await;
        let renewed = stored_hash(&database).await;
        assert!(renewed.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{renewed}");
        app.login("ada").await;
        assert_eq!(stored_hash(&database).await, renewed, "once");
        database.close().await;
        app.stop().await;
    }

    async fn a_hash_that_is_none_lets_nobody_in(database: TestDatabase) {
        let app = App::start(database).await;
        app.register("ada").await;
        let database = open(&app.database).await;
        for absurd in ["", PASSWORD, "$argon2id$v=19$m=4194304,t=3,p=1$BwcHBwcHBwcHBwcHBwcHBw$AAAA"] {
            store_hash(&database, absurd).await;
            app.try_login("ada", PASSWORD).await.problem(401, "invalid_credentials");
        }
        database.close().await;
        app.stop().await;
    }

    async fn an_unknown_transport_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let body = json!({ "email": email("ada"), "password": PASSWORD });
        let answer = app.client.post("/auth/login", body).header("x-refresh-transport", "pigeon").await;
        answer.problem(400, "invalid_request");
        app.stop().await;
    }
}
