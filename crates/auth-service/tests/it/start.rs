//! Starting: what survives it, who may do it at once, and what a stolen database is worth.

use std::{sync::Arc, time::Duration};

use chassis::database::{Database, sql};
use testkit::{Client, Running, TestClock, each_engine};

use crate::app::{App, MASTER_KEY, build, open};

/// How many sessions there are, and how many deeds that somebody is concerned by: keys change by themselves.
async fn count(database: &Database) -> (i64, i64) {
    let statement = sql("SELECT (SELECT count(*) FROM sessions) AS sessions,
                                (SELECT count(*) FROM audit WHERE subject_id IS NOT NULL) AS deeds");
    let row = statement.fetch_one(&mut database.read().await.unwrap()).await.unwrap();
    (row.get("sessions").unwrap(), row.get("deeds").unwrap())
}

async fn kids(client: &Client) -> Vec<String> {
    let keys = client.get("/.well-known/jwks.json").await.expect(200).json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

each_engine! {
    async fn sessions_and_keys_survive_a_restart(database: TestDatabase) {
        let app = App::start(database).await;
        let ada = app.register("ada").await;
        let before = kids(&app.client).await;
        let app = app.restart().await;
        assert_eq!(kids(&app.client).await, before);
        assert!(app.is_live(&ada).await);
        app.refresh(&ada.refresh_token).await.expect(200);
        app.login("ada").await;
        app.stop().await;
    }

    async fn replicas_that_start_together_make_one_key(database: TestDatabase) {
        let clock = Arc::new(TestClock::default());
        let (one, two, three) =
            tokio::join!(build(&database, &clock, &[]), build(&database, &clock, &[]), build(&database, &clock, &[]));
        let mut seen = Vec::new();
        for service in [one.unwrap(), two.unwrap(), three.unwrap()] {
            let client = Client::new(format!("http://{}", service.http_address()));
            let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
            seen.push(kids(&client).await);
            running.stop().await;
        }
        assert_eq!(seen[0].len(), 1);
        assert!(seen.iter().all(|kids| *kids == seen[0]), "{seen:?}");
    }

    async fn a_master_key_is_replaced_step_by_step(database: TestDatabase) {
        let app = App::start(database).await;
        let (ada, phone) = (app.register("ada").await, app.login("ada").await);
        let before = kids(&app.client).await;
        let new = MASTER_KEY.replace("9f0c", "0000");

        // Known everywhere first, then used.
        let app = app.restart_with("AUTH_MASTER_KEY", &format!("{MASTER_KEY}\n{new}")).await;
        let app = app.restart_with("AUTH_MASTER_KEY", &format!("{new}\n{MASTER_KEY}")).await;
        let renewed = app.refresh(&ada.refresh_token).await.expect(200).json();
        let renewed = renewed["refresh_token"].as_str().unwrap();

        let app = app.restart_with("AUTH_MASTER_KEY", &new).await;
        assert_eq!(kids(&app.client).await, before, "what the old one sealed was sealed anew");
        app.refresh(renewed).await.expect(200);
        app.login("ada").await;
        app.refresh(&phone.refresh_token).await.problem(401, "refresh_token_invalid");
        app.stop().await;
    }

    async fn what_is_long_over_is_forgotten(database: TestDatabase) {
        let app = App::start_with(database, &[("AUTH_AUDIT_RETENTION", "50d")]).await;
        app.register("ada").await;
        let database = open(&app.database).await;
        app.wait(Duration::from_hours(40 * 24));
        let app = app.restart().await;
        app.login("ada").await;
        assert_eq!(count(&database).await, (2, 2), "the session is over, and still tells where ada signed in");

        app.wait(Duration::from_hours(21 * 24));
        let app = app.restart().await;
        let forgotten = async {
            while count(&database).await != (1, 1) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), forgotten).await.expect("old rows go, new ones stay");
        database.close().await;
        app.stop().await;
    }

    async fn a_stolen_database_signs_nothing(database: TestDatabase) {
        let app = App::start(database).await;
        let database = open(&app.database).await;
        let row = sql("SELECT sealed_private FROM signing_keys").fetch_one(&mut database.read().await.unwrap()).await;
        let sealed: Vec<u8> = row.unwrap().get("sealed_private").unwrap();
        // The object identifier of RSA stands in every PKCS#8 document.
        let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        assert!(sealed.len() > 1000 && !sealed.windows(rsa.len()).any(|window| window == rsa));
        database.close().await;

        let other = [("AUTH_MASTER_KEY".to_owned(), MASTER_KEY.replace("9f0c", "0000"))];
        let refused = build(&app.database, &app.clock, &other).await.err().unwrap();
        assert!(refused.to_string().contains("sealed under another master key"), "{refused}");
        app.stop().await;
    }
}
