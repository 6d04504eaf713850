//! `GET /auth/admin/keys`

use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn keys_are_listed_without_what_signs(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        let page = app.as_(&grace).get("/auth/admin/keys").await.expect(200).json();
        let published = app.client.get("/.well-known/jwks.json").await.expect(200).json();
        let key = &page["items"][0];
        assert_eq!((&key["kid"], &key["state"]), (&published["keys"][0]["kid"], &json!("active")));
        let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["can_sign", "created_at", "kid", "state"]);
        app.stop().await;
    }
}
