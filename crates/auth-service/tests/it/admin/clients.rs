//! `/auth/admin/clients`

use std::time::Duration;

use serde_json::{Value, json};
use testkit::each_engine;

use crate::{
    app::{App, Member},
    elsewhere::Elsewhere,
    oauth::{Program, refused},
};

const PATH: &str = "/auth/admin/clients";
const GRANT: &str = "grant_type=client_credentials";

async fn register(app: &App, admin: &Member, id: &str) -> Program {
    let body = json!({ "id": id, "scopes": ["users"], "audiences": ["users"] });
    let answer = app.as_(admin).post(PATH, body).await.expect(201);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    program(&answer.json())
}

fn program(answer: &Value) -> Program {
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Program { id: text("client_id"), secret: text("client_secret") }
}

async fn deed(app: &App, admin: &Member, id: &str, deed: &str) -> Value {
    app.as_(admin).post_empty(&format!("{PATH}/{id}/{deed}")).await.expect(200).json()
}

each_engine! {
    async fn a_client_is_registered_listed_and_given_another_secret(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let old = register(&app, &grace, "billing").await;
        app.wait(Duration::from_millis(2));
        let body = json!({ "id": "reports", "name": "Reports", "scopes": ["users", "introspection"], "audiences": ["a", "b"],
            "acting": { "service": "reports", "at": ["users", "mail"] } });
        app.as_(&grace).post(PATH, body).await.expect(201);
        let page = app.as_(&grace).get(&format!("{PATH}?limit=1")).await.expect(200).json();
        let reports = &page["items"][0];
        assert_eq!((&reports["id"], &reports["name"], &reports["disabled_at"]), (&json!("reports"), &json!("Reports"), &Value::Null));
        assert_eq!((&reports["scopes"], &reports["audiences"]), (&json!(["introspection", "users"]), &json!(["a", "b"])));
        let members: Vec<_> = reports.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(reports["acting"], json!({ "service": "reports", "at": ["users", "mail"] }));
        assert_eq!(members, ["acting", "audiences", "authentication", "created_at", "disabled_at", "id", "name", "scopes", "subject"], "and no hash");
        let next = format!("{PATH}?limit=1&after={}", page["next"].as_str().unwrap());
        let last = app.as_(&grace).get(&next).await.expect(200).json();
        assert_eq!((&last["items"][0]["name"], last.get("next")), (&json!("billing"), None));
        assert_eq!(last["items"][0]["acting"], Value::Null);

        let token = old.token(&app).await;
        let elsewhere = Elsewhere::start(&app).await;
        let changed = app.as_(&grace).post_empty(&format!("{PATH}/billing/secret")).await.expect(200);
        assert_eq!(changed.header("cache-control"), Some("no-store"));
        refused(&old.ask(&app, "/oauth2/token", GRANT).await, 401, "invalid_client");
        program(&changed.json()).token(&app).await;
        elsewhere.accepts(&token).await;
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn a_disabled_client_is_out_everywhere_until_enabled_and_then_in_at_once(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let (billing, other) = (register(&app, &grace, "billing").await, register(&app, &grace, "other").await);
        let elsewhere = Elsewhere::start(&app).await;
        let (token, kept) = (billing.token(&app).await, other.token(&app).await);
        elsewhere.accepts(&token).await;
        let disabled = deed(&app, &grace, "billing", "disable").await;
        assert!(disabled["disabled_at"].is_string(), "{disabled}");
        elsewhere.refuses(&token).await;
        refused(&billing.ask(&app, "/oauth2/token", GRANT).await, 401, "invalid_client");
        assert_eq!(deed(&app, &grace, "billing", "disable").await, disabled, "since the first time");

        let enabled = deed(&app, &grace, "billing", "enable").await;
        assert_eq!(enabled["disabled_at"], Value::Null);
        elsewhere.accepts(&billing.token(&app).await).await;
        elsewhere.accepts(&kept).await;
        elsewhere.refuses(&token).await;
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn a_removed_client_is_gone_for_good_with_its_name(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let billing = register(&app, &grace, "billing").await;
        let elsewhere = Elsewhere::start(&app).await;
        let token = billing.token(&app).await;
        elsewhere.accepts(&token).await;
        app.as_(&grace).delete(&format!("{PATH}/billing")).await.expect(204);
        elsewhere.refuses(&token).await;
        refused(&billing.ask(&app, "/oauth2/token", GRANT).await, 401, "invalid_client");
        app.as_(&grace).delete(&format!("{PATH}/billing")).await.problem(404, "not_found");
        assert_eq!(app.as_(&grace).get(PATH).await.expect(200).json()["items"], json!([]));
        let again = json!({ "id": "billing", "scopes": ["users"], "audiences": ["users"] });
        app.as_(&grace).post(PATH, again).await.problem(409, "client_taken");
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn what_is_done_to_a_client_is_remembered(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        register(&app, &grace, "billing").await;
        let subject = app.as_(&grace).get(PATH).await.expect(200).json()["items"][0]["subject"].clone();
        for action in ["secret", "disable", "enable"] {
            app.wait(Duration::from_millis(2));
            deed(&app, &grace, "billing", action).await;
        }
        app.wait(Duration::from_millis(2));
        app.as_(&grace).delete(&format!("{PATH}/billing")).await.expect(204);
        let page = app.as_(&grace).get(&format!("/auth/admin/audit?user={}", subject.as_str().unwrap()));
        let page = page.await.expect(200).json();
        let entries: Vec<_> = page["items"].as_array().unwrap().iter().rev().collect();
        let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        let expected = [
            "client_registered", "client_secret_changed", "client_disabled", "client_enabled", "client_removed",
        ];
        assert_eq!(actions, expected);
        assert!(entries.iter().all(|entry| entry["actor_id"] == json!(grace.id) && entry["address"] == "127.0.0.1"));
        assert!(entries.iter().all(|entry| entry["name"] == "billing"), "{entries:?}");
        app.stop().await;
    }

    async fn nonsense_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let (grace, ada) = (app.admin("grace").await, app.register("ada").await);
        register(&app, &grace, "billing").await;
        for (id, scopes, audiences) in [
            ("Billing", json!(["a"]), json!(["b"])),
            ("signet", json!(["a"]), json!(["b"])),
            ("new", json!([]), json!(["b"])),
            ("new", json!(["a b"]), json!(["b"])),
            ("new", json!(["a"]), json!(["\""])),
            ("new", json!(["a"]), json!(vec!["b"; 17])),
        ] {
            let body = json!({ "id": id, "scopes": scopes, "audiences": audiences });
            app.as_(&grace).post(PATH, body).await.problem(422, "validation_failed");
        }
        for (service, at) in [
            (json!(""), json!(["a"])),
            (json!("a b"), json!(["a"])),
            (json!("s".repeat(65)), json!(["a"])),
            (json!("s"), json!([])),
            (json!("s"), json!([""])),
            (json!("s"), json!(["a b"])),
            (json!("s"), json!(vec!["a"; 17])),
        ] {
            let acting = json!({ "service": service, "at": at });
            let body = json!({ "id": "new", "scopes": ["a"], "audiences": ["b"], "acting": acting });
            app.as_(&grace).post(PATH, body).await.problem(422, "validation_failed");
        }
        for acting in [json!({ "service": "s" }), json!({ "service": "s", "at": ["a"], "as": "b" }), json!("s")] {
            let body = json!({ "id": "new", "scopes": ["a"], "audiences": ["b"], "acting": acting });
            app.as_(&grace).post(PATH, body).await.problem(400, "invalid_json");
        }
        let body = json!({ "id": "billing", "scopes": ["a"], "audiences": ["b"] });
        app.as_(&grace).post(PATH, &body).await.problem(409, "client_taken");
        app.as_(&ada).post(PATH, &body).await.problem(403, "insufficient_scope");
        for action in ["disable", "enable", "secret"] {
            app.as_(&grace).post_empty(&format!("{PATH}/nobody/{action}")).await.problem(404, "not_found");
        }
        app.stop().await;
    }
}
