//! The issuer is down, and this service starts all the same.

use std::{fs, path::Path, time::Duration};

use testkit::each_engine;
use verifier::testing::{Answer, Forgery};

use crate::app::App;

each_engine! {
    async fn a_restart_while_the_issuer_is_down_goes_unnoticed(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let app = App::start_keeping(folder.path().join("keys"), database).await;
        let ada = app.issuer.customer();
        app.client.as_(&ada).get("/users/me").await.expect(200);
        until_kept(&folder.path().join("keys")).await;

        app.issuer.endpoint().answer(Answer::Close);
        let app = app.restart().await;
        app.client.get("/readyz").await.expect(200);
        app.client.as_(&ada).get("/users/me").await.expect(200);
        let forged = app.client.with_token(&app.issuer.forge(Forgery::WrongKey)).get("/users/me").await;
        assert_eq!(forged.status, 401);
        app.stop().await;
    }
}

/// Returns once there is a snapshot.
async fn until_kept(folder: &Path) {
    let look = async {
        let is_whole = |name: &str| !name.contains('.');
        while !fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(is_whole)))
        }) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), look).await.unwrap();
}
