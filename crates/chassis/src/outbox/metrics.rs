//! What waits in the outbox, and what becomes of it, for Prometheus.

use std::sync::atomic::AtomicU64;

use jiff::Timestamp;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};
use uuid::Uuid;

use crate::{
    database::{Database, Result, sql},
    metrics::Metrics,
};

/// More are not counted.
const ENOUGH: i64 = 10_000;

/// The numbers of one outbox. All replicas of a service see the same table.
#[derive(Debug, Clone, Default)]
pub struct OutboxMetrics {
    service: &'static str,
    attempts: Family<Attempt, Counter>,
    waiting: Family<Service, Gauge>,
    oldest: Family<Service, Gauge<f64, AtomicU64>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    service: &'static str,
    topic: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Service {
    service: &'static str,
}

impl OutboxMetrics {
    /// Shows the numbers as those of `service`.
    #[must_use]
    pub fn register(metrics: &Metrics, service: &'static str) -> Self {
        let own = Self { service, ..Self::default() };
        metrics.register(|registry| {
            let help = "Attempts to deliver a message";
            registry.register("outbox_deliveries", help, own.attempts.clone());
            let help = "Messages that wait, up to ten thousand";
            registry.register("outbox_messages", help, own.waiting.clone());
            let help = "Seconds that the oldest message has waited";
            registry.register("outbox_oldest_seconds", help, own.oldest.clone());
        });
        own
    }

    /// There are as many topics as the service has kinds of messages.
    pub(super) fn attempted(&self, topic: &str, delivered: bool) {
        let outcome = if delivered { "delivered" } else { "failed" };
        let attempt = Attempt { service: self.service, topic: topic.to_owned(), outcome };
        self.attempts.get_or_create(&attempt).inc();
    }

    pub(super) async fn measure(&self, database: &Database, now: Timestamp) -> Result<()> {
        let mut connection = database.read().await?;
        let count = "SELECT COUNT(*) AS waiting FROM (SELECT 1 FROM outbox LIMIT $1) AS bounded";
        let row = sql(count).bind(ENOUGH).fetch_optional(&mut connection).await?;
        let waiting = row.map(|row| row.get::<i64>("waiting")).transpose()?.unwrap_or_default();
        // Ids tell when they were made (UUID version 7).
        let oldest = "SELECT id FROM outbox ORDER BY id LIMIT 1";
        let row = sql(oldest).fetch_optional(&mut connection).await?;
        let oldest = row.map(|row| row.get::<Uuid>("id")).transpose()?;
        let age = oldest.and_then(made_at).map_or(0.0, |made| now.duration_since(made).as_secs_f64());
        let own = Service { service: self.service };
        self.waiting.get_or_create(&own).set(waiting);
        self.oldest.get_or_create(&own).set(age.max(0.0));
        Ok(())
    }
}

fn made_at(id: Uuid) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}
