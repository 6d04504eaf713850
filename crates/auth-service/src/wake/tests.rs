//! Replicas on one database beside a real Redis. Those that never look by themselves show what waking does.

use std::time::{Duration, Instant};

use ::redis::{Client, InfoDict, aio::MultiplexedConnection};
use chassis::settings::load;
use identity::SessionId;
use secrecy::ExposeSecret;
use testkit::{TestDatabase, TestRedis, each_engine};
use tokio::{task::JoinHandle, time::timeout};

use super::*;
use crate::{
    app::App,
    revocation::{POLL, of_sessions},
    service::build_app,
    store::revocations::End,
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than any test: only being woken makes somebody look.
const NEVER: Duration = Duration::from_hours(1);

mod outage_timing;

/// A replica that follows the log.
struct Replica {
    app: Arc<App>,
    ends: watch::Receiver<End>,
    metrics: Metrics,
    following: JoinHandle<()>,
}

impl Replica {
    /// Looks by itself each `poll`.
    async fn start(database: &TestDatabase, url: &str, poll: Duration) -> Self {
        let database = database.settings();
        let variables = [
            ("AUTH_ISSUER", "https://auth.example"),
            ("AUTH_DATABASE_URL", database.url.expose_secret()),
            ("AUTH_DATABASE_CONNECTIONS", "4"),
            ("AUTH_MASTER_KEY", "9f0c1d2e3b4a59687786a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            ("AUTH_REDIS_URL", url),
        ];
        let settings: Settings = load(&variables.into_iter().collect()).unwrap();
        let (ambient, metrics) = (Ambient::system(), Metrics::default());
        let wake = start(&settings, &ambient, &metrics);
        let app = Arc::new(App { wake, ..build_app(&settings, &ambient).await.unwrap() });
        let following = tokio::spawn({
            let app = Arc::clone(&app);
            async move { app.tail.follow(app.wake.listen(), poll).await }
        });
        let mut ends = app.tail.ends();
        ends.wait_for(|end| !end.epoch.is_nil()).await.unwrap();
        Self { app, ends, metrics, following }
    }

    async fn beside(database: &TestDatabase, redis: &TestRedis, poll: Duration) -> Self {
        let replica = Self::start(database, &redis.url(), poll).await;
        replica.until("auth_wake_redis_up 1").await;
        replica
    }

    async fn until(&self, line: &str) {
        let seen = async {
            while !self.metrics.text().lines().any(|found| found == line) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("{line} not in {}", self.metrics.text()));
    }

    /// Revokes something; how long that took.
    async fn revoke(&self) -> Duration {
        let began = Instant::now();
        let transaction = self.app.database.begin().await.unwrap();
        let Ambient { clock, entropy, .. } = &self.app.ambient;
        let session = SessionId::generate(clock.as_ref(), entropy.as_ref());
        self.app.commit_revoking(transaction, of_sessions([session])).await.unwrap();
        began.elapsed()
    }

    /// Waits until it knows `count` revocations; how long that took.
    async fn knows(&mut self, count: i64) -> Duration {
        let began = Instant::now();
        let known = self.ends.wait_for(|end| end.last_seq >= count);
        timeout(PATIENCE, known).await.expect("it is told in time").unwrap();
        began.elapsed()
    }

    fn known(&self) -> i64 {
        self.ends.borrow().last_seq
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.following.abort();
    }
}

each_engine! {
    async fn what_one_replica_revokes_the_others_know_at_once(database: TestDatabase) {
        let Some(redis) = TestRedis::start() else { return };
        let mut one = Replica::beside(&database, &redis, NEVER).await;
        let mut two = Replica::beside(&database, &redis, NEVER).await;
        // Each of them is heard, not only those that come while somebody connects.
        for count in 1..=10 {
            let revoking = if count % 2 == 0 { &two } else { &one };
            revoking.revoke().await;
            let took = one.knows(count).await + two.knows(count).await;
            assert!(took < POLL, "{took:?}");
        }
    }
}

#[tokio::test]
async fn a_burst_is_said_once() {
    let Some(redis) = TestRedis::start() else { return };
    let database = TestDatabase::sqlite();
    let one = Replica::beside(&database, &redis, NEVER).await;
    let other = Replica::beside(&database, &redis, NEVER).await;
    let mut hearing = other.app.wake.listen();
    let mut looking = Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let before = published(&mut looking).await;
    // All before the keeper has its turn.
    for _ in 0..1000 {
        one.app.wake.wake();
    }
    timeout(PATIENCE, hearing.woken()).await.expect("the other is told");
    let said = published(&mut looking).await - before;
    assert!((1..=2).contains(&said), "{said}");
}

/// How often anything was published.
async fn published(connection: &mut MultiplexedConnection) -> u64 {
    let info: InfoDict = ::redis::cmd("INFO").arg("commandstats").query_async(connection).await.unwrap();
    let told: String = info.get("cmdstat_publish").unwrap();
    told.split(',').find_map(|field| field.strip_prefix("calls=")).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_user_who_may_do_nothing_else_is_enough() {
    let may = "resetkeys ~signet:limit:* resetchannels &signet:wake";
    let commands = "-@all +evalsha +script|load +get +set +time +publish +subscribe +ping";
    let user = format!("--user signet on >canary {may} {commands}");
    let Some(redis) = TestRedis::start_with(&user.split(' ').collect::<Vec<_>>()) else { return };
    let database = TestDatabase::sqlite();
    let one = Replica::start(&database, &redis.url_for("signet", "canary"), NEVER).await;
    let mut two = Replica::start(&database, &redis.url_for("signet", "canary"), NEVER).await;
    for replica in [&one, &two] {
        replica.until("auth_wake_redis_up 1").await;
    }
    for count in 1..=3 {
        one.revoke().await;
        two.knows(count).await;
    }
}
