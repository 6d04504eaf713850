//! What a request loses when Redis is gone, hangs or was never there. Measured, so these tests run alone.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use futures_util::future::join_all;
use tokio::{net::TcpListener, time::timeout};
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::*;

/// What one request may lose in all.
const LOSS: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(10);

impl Replica {
    /// With the time for one question that is the default.
    async fn by_default(url: &str) -> Self {
        Self::with(&[("AUTH_REDIS_URL", url)]).await
    }

    /// As many questions as a login asks, and how long they took.
    async fn request(&self) -> Duration {
        let began = Instant::now();
        for rule in [Rule::LoginByAddress, Rule::LoginByPair, Rule::LoginByAccount] {
            // Refused or not, it was decided.
            let _ = self.limiter.take(rule, &key(1)).await;
        }
        began.elapsed()
    }

    async fn until(&self, line: &str) {
        let seen = async {
            while !self.metric(line) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("{line} not in {}", self.metrics.text()));
    }
}

/// Counts what is logged.
#[derive(Clone, Default)]
struct Lines(Arc<[AtomicUsize; 2]>);

impl Lines {
    /// Warnings and other lines of this service.
    fn counts(&self) -> (usize, usize) {
        let [warnings, others] = &*self.0;
        (warnings.load(Ordering::Relaxed), others.load(Ordering::Relaxed))
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("auth_service") && *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let [warnings, others] = &*self.0;
        let counter = if *event.metadata().level() == Level::WARN { warnings } else { others };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_server_that_hangs_costs_little_once() {
    let Some(redis) = TestRedis::start() else { return };
    let replica = Replica::by_default(&redis.url()).await;
    replica.until("auth_limits_redis_up 1").await;
    redis.freeze();
    let first = join_all((0..50).map(|_| replica.request())).await;
    let worst = first.into_iter().max().unwrap();
    assert!(worst <= LOSS, "{worst:?}");
    assert!(replica.metric("auth_limits_redis_up 0"), "{}", replica.metrics.text());
    for _ in 0..20 {
        let later = replica.request().await;
        assert!(later < Duration::from_millis(5), "nobody pays again: {later:?}");
        tokio::time::sleep(Duration::from_millis(75)).await;
    }
    redis.thaw();
    replica.until("auth_limits_redis_up 1").await;
}

#[tokio::test]
async fn a_server_that_is_killed_costs_little_and_is_used_again() {
    let Some(mut redis) = TestRedis::start() else { return };
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let replica = Replica::by_default(&redis.url()).await;
    redis.kill();
    for _ in 0..20 {
        let took = replica.request().await;
        assert!(took <= LOSS, "{took:?}");
    }
    replica.until("auth_limits_redis_up 0").await;
    assert_eq!(replica.take(key(1)).await, Err(TooMany(Duration::from_secs(10))), "memory counts on");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(lines.counts(), (1, 0), "one warning however often it is looked for");

    redis.restart();
    replica.until("auth_limits_redis_up 1").await;
    let other = Replica::at(&redis.url()).await;
    for replica in [&replica, &other, &replica] {
        replica.take(key(2)).await.unwrap();
    }
    other.take(key(2)).await.unwrap_err();
    assert_eq!(lines.counts(), (1, 1), "one word when it is back");
    drop(guard);
}

#[tokio::test]
async fn what_redis_allowed_is_not_allowed_again_without_it() {
    let Some(mut redis) = TestRedis::start() else { return };
    let replica = Replica::at(&redis.url()).await;
    for _ in 0..3 {
        replica.take(key(1)).await.unwrap();
    }
    redis.kill();
    assert_eq!(replica.take(key(1)).await, Err(TooMany(Duration::from_secs(10))));
}

#[tokio::test]
async fn a_server_that_was_never_there_delays_nobody() {
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let accepting = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            held.push(connection);
        }
    });
    for url in [
        format!("redis://127.0.0.1:{port}"),
        format!("rediss://127.0.0.1:{port}"),
        "redis://no-such-host.invalid".to_owned(),
        "redis+unix:///nonexistent/redis".to_owned(),
    ] {
        let began = Instant::now();
        let replica = Replica::by_default(&url).await;
        assert!(began.elapsed() < Duration::from_secs(3), "{url}: {:?}", began.elapsed());
        let worst = join_all((0..50).map(|_| replica.request())).await.into_iter().max().unwrap();
        assert!(worst <= LOSS, "{url}: {worst:?}");
        assert!(replica.metric("auth_limits_redis_up 0"), "{url}");
        assert!(replica.metrics.text().contains(r#"backend="memory""#), "{url}");
    }
    accepting.abort();
}
