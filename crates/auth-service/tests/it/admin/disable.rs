//! `POST /auth/admin/users/{id}/disable` and `…/enable`

use serde_json::Value;
use testkit::each_engine;

use crate::app::{App, PASSWORD};

each_engine! {
    async fn a_disabled_user_is_out_until_enabled(database: TestDatabase) {
        let app = App::start(database).await;
        let (grace, ada) = (app.admin("grace").await, app.register("ada").await);
        let path = |deed: &str| format!("/auth/admin/users/{}/{deed}", ada.id);
        let disabled = app.as_(&grace).post_empty(&path("disable")).await.expect(200).json();
        assert!(disabled["disabled_at"].is_string(), "{disabled}");
        assert!(!app.is_live(&ada).await);
        app.refresh(&ada.refresh_token).await.problem(401, "session_ended");
        app.try_login("ada", PASSWORD).await.problem(401, "invalid_credentials");

        let again = app.as_(&grace).post_empty(&path("disable")).await.expect(200).json();
        assert_eq!(again["disabled_at"], disabled["disabled_at"], "since the first time");
        let enabled = app.as_(&grace).post_empty(&path("enable")).await.expect(200).json();
        assert_eq!(enabled["disabled_at"], Value::Null);
        app.refresh(&ada.refresh_token).await.problem(401, "session_ended");
        app.login("ada").await;
        app.stop().await;
    }

    async fn nobody_is_nobody(database: TestDatabase) {
        let app = App::start(database).await;
        let grace = app.admin("grace").await;
        for deed in ["disable", "enable"] {
            let path = format!("/auth/admin/users/01890000-0000-7000-8000-000000000000/{deed}");
            app.as_(&grace).post_empty(&path).await.problem(404, "not_found");
        }
        app.stop().await;
    }
}
