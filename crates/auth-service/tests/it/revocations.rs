//! What ends before its time ends wherever it is verified: by the feed, and by nothing else.

use std::time::Duration;

use serde_json::json;
use testkit::each_engine;
use tonic::transport::Endpoint;
use wire::auth::v1::{WatchRequest, revocation_feed_client::RevocationFeedClient};

use crate::{
    app::{App, Member, PASSWORD},
    elsewhere::Elsewhere,
};

each_engine! {
    async fn what_ends_a_session_ends_its_tokens_elsewhere(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let ada = app.register("ada").await;
        let phone = app.login("ada").await;
        elsewhere.accepts(&ada.access_token).await;

        app.as_(&phone).post("/auth/logout", json!({})).await.expect(204);
        elsewhere.refuses(&phone.access_token).await;
        elsewhere.accepts(&ada.access_token).await;

        let (phone, tablet) = (app.login("ada").await, app.login("ada").await);
        let sessions = app.as_(&tablet).get("/auth/sessions").await.expect(200).json();
        let own = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true);
        let own = own.unwrap()["id"].as_str().unwrap();
        app.as_(&ada).delete(&format!("/auth/sessions/{own}")).await.expect(204);
        elsewhere.refuses(&tablet.access_token).await;
        elsewhere.accepts(&phone.access_token).await;

        let change = json!({ "current_password": PASSWORD, "new_password": "another horse, another battery" });
        app.as_(&ada).post("/auth/password", change).await.expect(204);
        elsewhere.refuses(&phone.access_token).await;
        elsewhere.accepts(&ada.access_token).await;

        app.as_(&ada).post("/auth/logout-all", json!({})).await.expect(204);
        elsewhere.refuses(&ada.access_token).await;
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn a_stolen_refresh_token_ends_the_access_tokens_elsewhere(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let ada = app.register("ada").await;
        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        let renewed = renewed["access_token"].as_str().unwrap();
        app.wait(Duration::from_secs(30));
        elsewhere.accepts(renewed).await;
        app.refresh(&ada.refresh_token).await.problem(401, "refresh_token_reused");
        elsewhere.refuses(renewed).await;
        elsewhere.refuses(&ada.access_token).await;
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn other_roles_supersede_tokens_elsewhere_and_a_refresh_brings_them(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let (ada, admin) = (app.register("ada").await, app.admin("root").await);
        let roles = json!({ "roles": ["customer", "provider"] });
        app.as_(&admin).put(&format!("/auth/admin/users/{}/roles", ada.id), roles).await.expect(200);
        elsewhere.refuses(&ada.access_token).await;
        let ada = Member { access_token: renewed(&app, &ada).await, ..ada };
        elsewhere.accepts(&ada.access_token).await;

        app.as_(&admin).post(&format!("/auth/admin/users/{}/disable", ada.id), json!({})).await.expect(200);
        elsewhere.refuses(&ada.access_token).await;
        elsewhere.accepts(&admin.access_token).await;
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn whoever_comes_later_is_told_what_was_revoked_before(database: TestDatabase) {
        let app = App::start(database).await;
        let mut gone = Vec::new();
        for device in 0..5 {
            let member = if device == 0 { app.register("ada").await } else { app.login("ada").await };
            app.as_(&member).post("/auth/logout", json!({})).await.expect(204);
            gone.push(member);
        }
        let elsewhere = Elsewhere::start(&app).await;
        for member in &gone {
            elsewhere.refuses(&member.access_token).await;
        }
        let health = elsewhere.verifier.health();
        let feed = health.issuers[0].feed.unwrap();
        assert_eq!((health.issuers[0].revocations, feed.last_seq), (5, 5));
        assert!(feed.silent_for.unwrap() < Duration::from_secs(5));
        elsewhere.stop().await;
        app.stop().await;
    }

    async fn only_who_may_follow_is_told(database: TestDatabase) {
        let app = App::start(database).await;
        let elsewhere = Elsewhere::start(&app).await;
        let channel = Endpoint::from_shared(elsewhere.rpc.clone()).unwrap().connect_lazy();
        let mut client = RevocationFeedClient::new(channel);
        let mut watch = async |token: Option<String>| {
            let mut request = tonic::Request::new(WatchRequest::default());
            if let Some(token) = token {
                request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            }
            client.watch(request).await.map(drop).map_err(|status| status.code())
        };
        assert_eq!(watch(None).await, Err(tonic::Code::Unauthenticated));
        let admin = elsewhere.feeds.admin().token;
        assert_eq!(watch(Some(admin)).await, Err(tonic::Code::PermissionDenied));
        assert_eq!(watch(Some(elsewhere.feeds.token_with(["revocations"]))).await, Ok(()));
        elsewhere.stop().await;
        app.stop().await;
    }
}

async fn renewed(app: &App, member: &Member) -> String {
    let answer = app.refresh(&member.refresh_token).await.expect(200).json();
    answer["access_token"].as_str().unwrap().to_owned()
}
