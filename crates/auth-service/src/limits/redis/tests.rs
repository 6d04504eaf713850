//! Against a real server: that counting there is counting as in memory, together, and leaves nothing behind.

use std::collections::BTreeSet;

use chassis::{Ambient, metrics::Metrics, settings::load};
use identity::Email;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use testkit::{TestClock, TestRedis};

use super::*;
use crate::limits::{FallbackLimiter, Limiter, MemoryLimiter};

mod outage_timing;

const RULE: Rule = Rule::LoginByPair;

/// A limiter and what belongs to it.
struct Replica {
    limiter: FallbackLimiter,
    memory: MemoryLimiter,
    clock: Arc<TestClock>,
    metrics: Metrics,
}

impl Replica {
    /// Three at once, then one each ten seconds, by the time of the test.
    async fn at(url: &str) -> Self {
        Self::with(&[("AUTH_REDIS_URL", url), ("AUTH_REDIS_TIMEOUT", "1s")]).await
    }

    async fn with(variables: &[(&str, &str)]) -> Self {
        let own = [
            ("AUTH_ISSUER", "https://auth.example"),
            ("AUTH_DATABASE_URL", "sqlite:x"),
            ("AUTH_MASTER_KEY", "9f0c1d2e3b4a59687786a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            ("AUTH_LOGIN_LIMIT_PAIR", "6/1m burst 3"),
        ];
        let settings: crate::Settings =
            load(&own.into_iter().chain(variables.iter().copied()).collect()).unwrap();
        let (clock, metrics) = (Arc::new(TestClock::default()), Metrics::default());
        let ambient = Ambient { clock: clock.clone(), ..Ambient::system() };
        let limiter =
            FallbackLimiter::with_clock(&settings, &ambient, &metrics, Some(ambient.clock.clone())).await;
        let memory = MemoryLimiter::new(settings.quotas, ambient.clock);
        Self { limiter, memory, clock, metrics }
    }

    async fn take(&self, key: Key) -> Result<(), TooMany> {
        self.limiter.take(RULE, &key).await
    }

    fn metric(&self, line: &str) -> bool {
        self.metrics.text().lines().any(|found| found == line)
    }
}

fn key(number: u32) -> Key {
    Key::address(std::net::Ipv4Addr::from(number).into())
}

/// Everything in a server, by somebody who may look.
async fn look(redis: &TestRedis) -> MultiplexedConnection {
    let client = redis::Client::open(redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[test]
fn redis_decides_as_memory_does() {
    let Some(redis) = TestRedis::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let replica = runtime.block_on(Replica::at(&redis.url()));
    let parties = std::cell::Cell::new(0);
    let waits = prop::collection::vec(0u64..30, 1..200);
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    let held = runner.run(&waits, |waits| {
        let party = parties.replace(parties.get() + 1);
        let (mut passed, mut time) = (0, 0);
        for wait in waits {
            replica.clock.advance(Duration::from_secs(wait));
            time += wait;
            let decision = runtime.block_on(replica.take(key(party)));
            prop_assert_eq!(decision, replica.memory.count(RULE, key(party)));
            passed += u64::from(decision.is_ok());
        }
        prop_assert!(passed <= 3 + time / 10);
        Ok(())
    });
    held.unwrap();
    assert!(!replica.metrics.text().contains(r#"backend="memory""#), "{}", replica.metrics.text());
}

#[tokio::test]
async fn replicas_that_count_at_once_let_no_more_through() {
    let Some(redis) = TestRedis::start() else { return };
    let (one, two) = (Replica::at(&redis.url()).await, Replica::at(&redis.url()).await);
    let attempts = (0..100).map(|attempt| if attempt % 2 == 0 { one.take(key(1)) } else { two.take(key(1)) });
    let decisions = futures_util::future::join_all(attempts).await;
    assert_eq!(decisions.iter().filter(|decision| decision.is_ok()).count(), 3);
    assert_eq!(one.take(key(2)).await, Ok(()), "others are not counted with them");
    assert_eq!(one.limiter.take(Rule::Claim, &key(1)).await, Ok(()), "nor is what another rule counts");
    assert!(one.metric("auth_limits_redis_up 1"), "{}", one.metrics.text());
    let refused = r#"auth_limit_decisions_total{backend="redis",outcome="refused"}"#;
    assert!(one.metrics.text().contains(refused), "{}", one.metrics.text());
}

#[tokio::test]
async fn keys_name_nobody_and_expire() {
    let Some(redis) = TestRedis::start() else { return };
    let url = redis.url();
    let variables = [
        ("AUTH_REDIS_URL", url.as_str()),
        ("AUTH_REDIS_TIMEOUT", "1s"),
        ("AUTH_LOGIN_LIMIT_ACCOUNT", "1/100ms burst 1"),
    ];
    let replica = Replica::with(&variables).await;
    let email: Email = "ada@people.example".parse().unwrap();
    let account = Key::account(&email);
    replica.limiter.take(Rule::LoginByPair, &account).await.unwrap();
    replica.limiter.take(Rule::LoginByPair, &account).await.unwrap();
    replica.limiter.take(Rule::LoginByAccount, &account).await.unwrap();

    let mut connection = look(&redis).await;
    let names = async |connection: &mut MultiplexedConnection| -> BTreeSet<String> {
        redis::cmd("KEYS").arg("*").query_async(connection).await.unwrap()
    };
    let hashed = format!("{:032x}", u128::from_be_bytes(account.bytes()));
    let pair = names(&mut connection).await.into_iter().find(|name| name.contains("login-pair")).unwrap();
    assert!(pair.starts_with("signet:limit:") && !pair.contains(&hashed), "{pair}");
    let lives: i64 = redis::cmd("PTTL").arg(&pair).query_async(&mut connection).await.unwrap();
    assert!((1..=20_000).contains(&lives), "paid off twenty seconds after the first: {lives}");
    let forgotten = async {
        while names(&mut connection).await != BTreeSet::from([pair.clone()]) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), forgotten).await.expect("what has recovered is forgotten");
}

#[tokio::test]
async fn a_user_who_may_do_nothing_else_is_enough() {
    let user = "signet on >canary resetkeys ~signet:limit:* resetchannels -@all +evalsha +script|load +get +set +time";
    let Some(redis) = TestRedis::start_with(&format!("--user {user}").split(' ').collect::<Vec<_>>()) else {
        return;
    };
    let allowed = Replica::at(&redis.url_for("signet", "canary")).await;
    allowed.take(key(1)).await.unwrap();
    assert!(allowed.metric("auth_limits_redis_up 1"), "{}", allowed.metrics.text());
    let mistaken = Replica::at(&redis.url_for("signet", "guess")).await;
    mistaken.take(key(1)).await.unwrap();
    assert!(mistaken.metric("auth_limits_redis_up 0"), "{}", mistaken.metrics.text());
}

#[tokio::test]
async fn without_a_clock_from_elsewhere_redis_tells_the_time() {
    let Some(redis) = TestRedis::start() else { return };
    let replica = Replica::at(&redis.url()).await;
    let mut question = Question {
        script: Script::new(include_str!("take.lua")),
        names: hmac::Key::new(hmac::HMAC_SHA256, b"k"),
        clock: None,
    };
    let mut connection = look(&redis).await;
    let quota = Quota::new(1, Duration::from_mins(1), 1);
    assert!(question.take(&mut connection, RULE, key(1), quota).await.unwrap().is_zero());
    let wait = question.take(&mut connection, RULE, key(1), quota).await.unwrap();
    assert!((Duration::from_secs(30)..=Duration::from_mins(1)).contains(&wait), "{wait:?}");
    question.clock = Some(replica.clock.clone());
    let elsewhere = question.take(&mut connection, RULE, key(1), quota).await.unwrap();
    assert!(
        elsewhere <= Duration::from_mins(1),
        "a clock far behind makes nobody wait for it: {elsewhere:?}"
    );
}
