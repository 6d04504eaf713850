//! `GET /users/{id}`

use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn administrators_read_what_the_user_told(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.issuer.customer();
        let told = app.client.as_(&ada).patch("/users/me", json!({ "display_name": "Ada" })).await.expect(200);
        let admin = app.client.as_(&app.issuer.admin());
        let read = admin.get(&format!("/users/{}", ada.user_id)).await.expect(200);
        assert_eq!(read.json(), told.json());
        app.stop().await;
    }

    async fn who_was_never_seen_is_not_found(database: TestDatabase) {
        let app = App::start(database).await;
        let admin = app.issuer.admin();
        let path = format!("/users/{}", app.issuer.customer().user_id);
        app.client.as_(&admin).get(&path).await.problem(404, "not_found");
        app.client.as_(&admin).get("/users/nobody").await.problem(404, "not_found");
        // Asking for others makes nobody, not even the one who asks.
        let page = app.client.as_(&admin).get("/users").await.expect(200).json();
        assert_eq!(page["items"], json!([]));
        app.stop().await;
    }

    async fn others_are_not_told_apart_from_nobody(database: TestDatabase) {
        let app = App::start(database).await;
        let (ada, eve) = (app.issuer.customer(), app.issuer.customer());
        app.client.as_(&ada).get("/users/me").await.expect(200);
        for id in [ada.user_id, eve.user_id] {
            app.client.as_(&eve).get(&format!("/users/{id}")).await.problem(403, "insufficient_scope");
        }
        app.stop().await;
    }
}
