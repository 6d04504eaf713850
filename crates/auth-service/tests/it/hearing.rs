//! The service hears of its own log: what any replica revoked is refused by the verifiers of all, and who administers may
//! do so only while that is so.

use std::{sync::Arc, time::Duration};

use chassis::database::sql;
use serde_json::json;
use testkit::{Client, Running, TestClock, TestDatabase, each_engine};
use tokio::time::{sleep, timeout};

use crate::app::{App, Member, build, open};

const PROMISE: Duration = Duration::from_secs(2);
/// Longer than news may be old where one administers.
const PATIENCE: Duration = Duration::from_secs(30);

/// Another replica on the same database.
struct Replica {
    client: Client,
    running: Running,
}

impl Replica {
    async fn start(database: &TestDatabase, clock: &Arc<TestClock>) -> Self {
        let variables = [("AUTH_INSTANCE".to_owned(), "2".to_owned())];
        let service = build(database, clock, &variables).await.unwrap();
        let client = Client::new(format!("http://{}", service.http_address()));
        let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
        Self { client, running }
    }
}

/// How many tokens a replica has refused without asking the database.
async fn refused_from_memory(client: &Client) -> u64 {
    let metrics = client.get("/metrics").await.expect(200).text;
    let name = r#"tokens_rejected_total{service="auth-service",reason="revoked"} "#;
    metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap().parse().unwrap()
}

/// Returns once a replica refuses the token from memory.
async fn refuses(client: &Client, member: &Member) {
    let refused = async {
        while refused_from_memory(client).await == 0 {
            client
                .with_token(&member.access_token)
                .get("/auth/sessions")
                .await
                .problem(401, "unauthenticated");
        }
    };
    timeout(PROMISE, refused).await.unwrap();
}

each_engine! {
    async fn what_one_replica_revokes_all_refuse_from_memory(database: TestDatabase) {
        let app = App::start(database).await;
        let other = Replica::start(&app.database, &app.clock).await;
        let (ada, phone) = (app.register("ada").await, app.login("ada").await);
        for client in [&app.client, &other.client] {
            client.with_token(&phone.access_token).get("/auth/sessions").await.expect(200);
        }
        app.as_(&phone).post("/auth/logout", json!({})).await.expect(204);
        refuses(&app.client, &phone).await;
        refuses(&other.client, &phone).await;
        for client in [&app.client, &other.client] {
            client.with_token(&ada.access_token).get("/auth/sessions").await.expect(200);
            client.with_token(&phone.access_token).post_empty("/auth/logout").await.expect(204);
        }

        // One that begins later knows of it before it serves.
        let later = Replica::start(&app.database, &app.clock).await;
        later.client.with_token(&phone.access_token).get("/auth/sessions").await.problem(401, "unauthenticated");
        assert_eq!(refused_from_memory(&later.client).await, 1);
        later.running.stop().await;
        other.running.stop().await;
        app.stop().await;
    }

    async fn nobody_administers_while_it_is_not_known_what_was_revoked(database: TestDatabase) {
        let app = App::start(database).await;
        let (ada, admin) = (app.register("ada").await, app.admin("root").await);
        let disable = format!("/auth/admin/users/{}/disable", ada.id);
        app.as_(&admin).post(&disable, json!({})).await.expect(200);

        let tables = open(&app.database).await;
        let mut transaction = tables.begin().await.unwrap();
        sql("ALTER TABLE revocation_log RENAME TO away").execute(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        let enable = format!("/auth/admin/users/{}/enable", ada.id);
        let closed = async {
            loop {
                let answer = app.as_(&admin).post(&enable, json!({})).await;
                if answer.status == 503 {
                    return answer;
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        let answer = timeout(PATIENCE, closed).await.expect("administration closes");
        assert!(answer.header("retry-after").is_some());
        let problem = answer.problem(503, "unavailable");
        assert_eq!(problem["detail"], "it is not known at this moment what was revoked");
        app.as_(&admin).get("/auth/sessions").await.expect(200);
        let ready = app.client.get("/readyz").await.expect(200).json();
        assert!(ready["reasons"]["auth"][0].as_str().unwrap().starts_with("no word of what is revoked"), "{ready}");

        let mut transaction = tables.begin().await.unwrap();
        sql("ALTER TABLE away RENAME TO revocation_log").execute(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        let open_again = async {
            while app.as_(&admin).post(&enable, json!({})).await.status != 200 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, open_again).await.expect("administration opens again");
        tables.close().await;
        app.stop().await;
    }
}
