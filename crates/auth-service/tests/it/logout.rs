//! `POST /auth/logout` and `POST /auth/logout-all`

use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn logging_out_ends_this_session_alone(database: TestDatabase) {
        let app = App::start(database).await;
        let (first, second) = (app.register("ada").await, app.login("ada").await);
        let answer = app.as_(&first).post_empty("/auth/logout").await.expect(204);
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with("refresh_token=; ") && cookie.contains("Max-Age=0"), "{cookie}");
        assert!(cookie.contains("Path=/auth/refresh"), "or browsers would keep it: {cookie}");
        app.refresh(&first.refresh_token).await.problem(401, "session_ended");
        assert!(!app.is_live(&first).await);
        assert!(app.is_live(&second).await);
        app.refresh(&second.refresh_token).await.expect(200);
        app.stop().await;
    }

    async fn logging_out_again_succeeds(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        app.as_(&ada).post_empty("/auth/logout").await.expect(204);
        app.as_(&ada).post_empty("/auth/logout").await.expect(204);
        app.stop().await;
    }

    async fn logging_out_everywhere_ends_every_session_of_the_user(database: TestDatabase) {
        let app = App::start(database).await;
        let (first, second, bob) = (app.register("ada").await, app.login("ada").await, app.register("bob").await);
        let answer = app.as_(&first).post_empty("/auth/logout-all").await.expect(204);
        assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
        for ended in [&first, &second] {
            app.refresh(&ended.refresh_token).await.problem(401, "session_ended");
            assert!(!app.is_live(ended).await);
        }
        assert!(app.is_live(&bob).await);
        app.stop().await;
    }
}
