//! A valid access token is not enough here: its session must live.

use serde_json::{Value, json};
use testkit::each_engine;

use crate::app::App;

/// Logging out twice is no mistake.
const EXEMPT: [&str; 1] = ["post /auth/logout"];

each_engine! {
    async fn no_signed_in_operation_forgets_to_ask(database: TestDatabase) {
        let app = App::start(database).await;
        let admin = app.admin("grace").await;
        app.as_(&admin).post_empty("/auth/logout").await.expect(204);

        let document = app.client.get("/openapi.json").await.expect(200).json();
        let mut asked = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = format!("{method} {path}");
                let wants_token = |scheme: &Value| scheme.get("bearer").is_some();
                let wants_token = operation["security"].as_array().is_some_and(|all| all.iter().any(wants_token));
                if !wants_token || EXEMPT.contains(&name.as_str()) {
                    continue;
                }
                let path = path.replace("{id}", &admin.id);
                let request = app.as_(&admin).request(method.to_uppercase().parse().unwrap(), &path);
                let request = match body_for(&path).filter(|_| method != "get") {
                    None => request,
                    Some(body) => request.json(body),
                };
                request.await.problem(401, "unauthenticated");
                asked += 1;
            }
        }
        assert!(asked > 8, "only {asked} operations were asked");
        app.stop().await;
    }

    async fn a_change_of_roles_ends_the_tokens_that_name_the_old_ones(database: TestDatabase) {
        let app = App::start(database).await;
        let (admin, ada) = (app.admin("grace").await, app.register("ada").await);
        let roles = format!("/auth/admin/users/{}/roles", ada.id);
        app.as_(&admin).put(&roles, json!({ "roles": ["customer", "admin"] })).await.expect(200);
        assert!(!app.is_live(&ada).await, "the token says that she is a customer");
        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        let client = app.client.with_token(renewed["access_token"].as_str().unwrap());
        client.get("/auth/admin/users").await.expect(200);
        assert!(renewed["user"]["roles"].as_array().unwrap().contains(&json!("admin")));
        app.stop().await;
    }
}

fn body_for(path: &str) -> Option<Value> {
    Some(match path {
        path if path.ends_with("/roles") => json!({ "roles": ["customer"] }),
        "/auth/admin/clients" => json!({ "id": "x", "scopes": ["x"], "audiences": ["x"] }),
        "/auth/admin/tokens/revoke" => json!({ "jti": "AAAAAAAAAAAAAAAAAAAAAA" }),
        "/auth/password" => json!({ "current_password": "x", "new_password": "y" }),
        _ => return None,
    })
}
