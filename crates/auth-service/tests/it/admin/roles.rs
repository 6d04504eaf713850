//! `PUT /auth/admin/users/{id}/roles`

use identity::Role;
use serde_json::json;
use testkit::each_engine;
use tokio::task::JoinSet;

use crate::app::App;

fn path(id: &str) -> String {
    format!("/auth/admin/users/{id}/roles")
}

each_engine! {
    async fn roles_are_replaced_and_kept_in_order(database: TestDatabase) {
        let app = App::start(database).await;
        let (grace, ada) = (app.admin("grace").await, app.register("ada").await);
        let roles = json!({ "roles": ["provider", "customer", "provider"] });
        let user = app.as_(&grace).put(&path(&ada.id), roles).await.expect(200).json();
        assert_eq!(user["roles"], json!(["customer", "provider"]));
        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        assert_eq!(renewed["user"]["roles"], json!(["customer", "provider"]));
        app.stop().await;
    }

    async fn the_same_roles_again_end_no_token(database: TestDatabase) {
        let app = App::start(database).await;
        let (grace, ada) = (app.admin("grace").await, app.register("ada").await);
        app.as_(&grace).put(&path(&ada.id), json!({ "roles": ["customer"] })).await.expect(200);
        assert!(app.is_live(&ada).await);
        app.stop().await;
    }

    async fn none_unknown_or_of_nobody_are_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let client = app.as_(&grace);
        client.put(&path(&grace.id), json!({ "roles": [] })).await.problem(422, "validation_failed");
        client.put(&path(&grace.id), json!({ "roles": ["root"] })).await.problem(400, "invalid_json");
        let nobody = path("01890000-0000-7000-8000-000000000000");
        client.put(&nobody, json!({ "roles": ["customer"] })).await.problem(404, "not_found");
        app.stop().await;
    }

    async fn somebody_is_always_left_who_can_administer(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let step_down = json!({ "roles": ["customer"] });
        app.as_(&grace).put(&path(&grace.id), &step_down).await.problem(409, "last_admin");
        let disable = format!("/auth/admin/users/{}/disable", grace.id);
        app.as_(&grace).post_empty(&disable).await.problem(409, "last_admin");
        app.admin("joan").await;
        app.as_(&grace).put(&path(&grace.id), &step_down).await.expect(200);
        app.stop().await;
    }

    async fn two_who_step_down_at_once_do_not_both_succeed(database: TestDatabase) {
        let app = App::start(database).await;
        let step_down = json!({ "roles": ["customer"] });
        let mut last = app.admin("grace").await;
        for round in 0..5 {
            let next = app.somebody(&format!("joan{round}"), &[Role::Customer, Role::Admin]).await;
            let mut calls = JoinSet::new();
            for admin in [last.clone(), next] {
                let request = app.as_(&admin).put(&path(&admin.id), &step_down);
                calls.spawn(async move { (request.await, admin) });
            }
            let (refused, done): (Vec<_>, Vec<_>) =
                calls.join_all().await.into_iter().partition(|(answer, _)| answer.status == 409);
            assert_eq!((refused.len(), done.len()), (1, 1), "round {round}: {refused:?} {done:?}");
            last = refused.into_iter().next().unwrap().1;
            done.into_iter().next().unwrap().0.expect(200);
        }
        app.stop().await;
    }
}
