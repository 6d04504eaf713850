//! `POST /auth/admin/users/{id}/logout`, `…/sessions/{id}/revoke` and `…/tokens/revoke`

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::each_engine;

use crate::{
    app::{App, Member},
    elsewhere::Elsewhere,
    oauth::Program,
};

/// What a token says of itself.
fn claim(token: &str, name: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()[name].as_str().unwrap().to_owned()
}

async fn actions(app: &App, admin: &Member, member: &Member) -> Vec<(Value, Value)> {
    let page = app.as_(admin).get(&format!("/auth/admin/audit?user={}", member.id)).await.expect(200).json();
    let entries = page["items"].as_array().unwrap().iter();
    entries.map(|entry| (entry["action"].clone(), entry["actor_id"].clone())).collect()
}

each_engine! {
    async fn a_user_is_logged_out_everywhere_and_may_come_back(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let grace = app.admin("grace").await;
        let (ada, phone, bob) = (app.register("ada").await, app.login("ada").await, app.register("bob").await);
        let path = format!("/auth/admin/users/{}/logout", ada.id);
        app.as_(&grace).post_empty(&path).await.expect(204);
        for ended in [&ada, &phone] {
            elsewhere.refuses(&ended.access_token).await;
            assert!(!app.is_live(ended).await);
            app.refresh(&ended.refresh_token).await.problem(401, "session_ended");
        }
        elsewhere.accepts(&bob.access_token).await;
        elsewhere.accepts(&app.login("ada").await.access_token).await;
        assert!(actions(&app, &grace, &ada).await.contains(&(json!("user_logged_out"), json!(grace.id))));
        app.as_(&bob).post_empty(&path).await.problem(403, "insufficient_scope");
        let nobody = "/auth/admin/users/01890000-0000-7000-8000-000000000000/logout";
        app.as_(&grace).post_empty(nobody).await.problem(404, "not_found");
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn one_session_or_one_token_is_ended_and_no_other(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let grace = app.admin("grace").await;
        let (ada, phone) = (app.register("ada").await, app.login("ada").await);
        let path = format!("/auth/admin/sessions/{}/revoke", claim(&phone.access_token, "sid"));
        app.as_(&grace).post_empty(&path).await.expect(204);
        elsewhere.refuses(&phone.access_token).await;
        app.refresh(&phone.refresh_token).await.problem(401, "session_ended");
        app.as_(&grace).post_empty(&path).await.problem(404, "not_found");
        assert!(actions(&app, &grace, &ada).await.contains(&(json!("session_ended"), json!(grace.id))));

        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        let path = "/auth/admin/tokens/revoke";
        let jti = json!({ "jti": claim(&ada.access_token, "jti") });
        app.as_(&grace).post(path, jti).await.expect(204);
        elsewhere.refuses(&ada.access_token).await;
        elsewhere.accepts(renewed["access_token"].as_str().unwrap()).await;
        let itself = json!({ "jti": ada.access_token });
        app.as_(&grace).post(path, itself).await.problem(422, "validation_failed");
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn the_operator_ends_users_and_clients_alike(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let (ada, reports) = (app.register("ada").await, Program::register(&app, "reports", &["users"]).await);
        let token = reports.token(&app).await;
        let operator = &app.administration;
        assert!(operator.end_subject(claim(&token, "sub").parse().unwrap()).await.unwrap());
        elsewhere.refuses(&token).await;
        elsewhere.accepts(&reports.token(&app).await).await;
        assert!(operator.end_subject(ada.id.parse().unwrap()).await.unwrap());
        elsewhere.refuses(&ada.access_token).await;
        assert!(!operator.end_subject(claim(&ada.access_token, "sid").parse().unwrap()).await.unwrap());
        assert!(!operator.end_session(claim(&ada.access_token, "sid").parse().unwrap()).await.unwrap());
        elsewhere.stop().await;
        app.stop().await;
    }
}
