//! Messages to other services that are sent if, and only if, the transaction that caused them is committed.
//!
//! [`enqueue`] writes the message in that transaction; a [`Dispatcher`] delivers it afterwards, at least once,
//! with growing pauses while the receiver is away. Each service that sends has this table:
//!
//! ```sql
//! CREATE TABLE outbox (id, topic, payload, next_attempt_at, attempts, traceparent)
//! ```
//!
//! The message remembers in whose trace it was written, and its delivery is a part of that trace.

mod metrics;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use identity::Clock;
use jiff::Timestamp;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    database::{Database, Engine, Queryable, Result, Row, Transaction, sql},
    shutdown::Shutdown,
    trace::{self, Kind, Span, TraceContext, Tracer},
};

pub use metrics::OutboxMetrics;

/// How often the table is looked at when nobody announces a message: messages of other replicas, and retries.
const POLL: Duration = Duration::from_secs(1);
/// How many messages are under way at once.
const BATCH: u32 = 16;
/// How often it is counted what waits.
const MEASURE: Duration = Duration::from_secs(10);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Event {
    /// The same on every attempt, so that the receiver can tell a repetition.
    pub id: Uuid,
    /// What kind of message it is.
    pub topic: String,
    /// Its content.
    pub payload: Vec<u8>,
    attempts: u32,
    /// What it was written for, if anybody said.
    traceparent: Option<String>,
}

/// Brings a message to its receiver.
pub trait Deliver: Send + Sync {
    /// Returns when the receiver has taken it.
    ///
    /// # Errors
    /// When it should be tried again later. A message that can never be delivered is logged and counted as taken.
    fn deliver(
        &self,
        event: &Event,
    ) -> impl Future<Output = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send;
}

/// Tells the dispatcher of this process that there is something to send.
#[derive(Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Call after the commit.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// Writes a message into the outbox as part of `transaction`.
pub async fn enqueue(
    transaction: &mut Transaction,
    id: Uuid,
    topic: &'static str,
    payload: Vec<u8>,
    now: Timestamp,
) -> Result<()> {
    let span = trace::child(Kind::Producer, topic);
    if let Some(span) = &span {
        span.rename(|| format!("enqueue {topic}"));
        describe(span, topic, id, ("send", "enqueue"));
    }
    let traceparent = span.map(|span| span.context().to_string());
    let insert = "INSERT INTO outbox (id, topic, payload, next_attempt_at, attempts, traceparent)
                  VALUES ($1, $2, $3, $4, 0, $5)";
    let insert = sql(insert).bind(id).bind(topic).bind(payload).bind(now).bind(traceparent);
    insert.execute(transaction).await.map(drop)
}

/// Delivers what is in the outbox.
pub struct Dispatcher<D> {
    /// The sender's database.
    pub database: Database,
    /// Tells when an attempt is due.
    pub clock: Arc<dyn Clock>,
    /// Makes a span of each attempt.
    pub tracer: Tracer,
    /// Counts what becomes of messages.
    pub metrics: OutboxMetrics,
    /// Rings after a commit.
    pub wake: Wake,
    /// Brings one message to its receiver.
    pub deliver: D,
}

impl<D: Deliver> Dispatcher<D> {
    /// Delivers until shut down. What is left stays for the next start or another replica.
    pub async fn run(self, shutdown: Shutdown) {
        let mut measured: Option<Instant> = None;
        while !shutdown.is_triggered() {
            if measured.is_none_or(|then| then.elapsed() >= MEASURE) {
                measured = Some(Instant::now());
                if let Err(error) = self.metrics.measure(&self.database, self.clock.now()).await {
                    tracing::debug!(%error, "the outbox cannot be measured");
                }
            }
            match self.deliver_due().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
            }
            tokio::select! {
                () = shutdown.triggered() => {}
                () = self.wake.0.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Attempts every message that is due, one batch; how many there were.
    ///
    /// # Errors
    /// When the database fails. Failed deliveries are no errors: they are due again later.
    pub async fn deliver_due(&self) -> Result<usize> {
        let due = "SELECT 1 FROM outbox WHERE next_attempt_at <= $1 LIMIT 1";
        if sql(due).bind(self.clock.now()).fetch_optional(&mut self.database.read().await?).await?.is_none() {
            return Ok(0);
        }
        let events = self.claim().await?;
        join_all(events.iter().map(|event| self.attempt(event))).await.into_iter().collect::<Result<()>>()?;
        Ok(events.len())
    }

    /// Takes messages for this replica by moving their next attempt into the future: should this process end
    /// now, they are tried again then.
    async fn claim(&self) -> Result<Vec<Event>> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        let select = match transaction.engine() {
            Engine::Sqlite => {
                "SELECT id, topic, payload, attempts, traceparent FROM outbox
                 WHERE next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2"
            }
            Engine::Postgres => {
                "SELECT id, topic, payload, attempts, traceparent FROM outbox
                 WHERE next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED"
            }
        };
        let rows = sql(select).bind(now).bind(BATCH).fetch_all(&mut transaction).await?;
        let events = rows.iter().map(event).collect::<Result<Vec<_>>>()?;
        for event in &events {
            let update = "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2 WHERE id = $1";
            let next = now + pause(event.attempts);
            sql(update).bind(event.id).bind(next).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(events)
    }

    async fn attempt(&self, event: &Event) -> Result<()> {
        let cause = event.traceparent.as_deref().and_then(TraceContext::parse);
        let span = self.tracer.span(Kind::Consumer, "deliver", cause);
        span.rename(|| format!("deliver {}", event.topic));
        describe(&span, &event.topic, event.id, ("process", "deliver"));
        span.set("signet.outbox.attempt", i64::from(event.attempts) + 1);
        span.scope(self.attempt_within(&span, event)).await
    }

    async fn attempt_within(&self, span: &Span, event: &Event) -> Result<()> {
        if let Err(error) = self.deliver.deliver(event).await {
            span.fail("not_delivered");
            self.metrics.attempted(&event.topic, false);
            tracing::warn!(id = %event.id, topic = event.topic, attempts = event.attempts + 1, %error, "not delivered");
            return Ok(());
        }
        self.metrics.attempted(&event.topic, true);
        let mut transaction = self.database.begin().await?;
        sql("DELETE FROM outbox WHERE id = $1").bind(event.id).execute(&mut transaction).await?;
        transaction.commit().await
    }
}

/// By the OpenTelemetry semantic conventions for messaging 1.37.
fn describe(span: &Span, topic: &str, id: Uuid, (kind, operation): (&'static str, &'static str)) {
    span.set("messaging.system", "signet.outbox");
    span.set("messaging.destination.name", topic.to_owned());
    span.set("messaging.operation.type", kind);
    span.set("messaging.operation.name", operation);
    span.set("messaging.message.id", id);
}

fn event(row: &Row) -> Result<Event> {
    Ok(Event {
        id: row.get("id")?,
        topic: row.get("topic")?,
        payload: row.get("payload")?,
        attempts: row.get("attempts")?,
        traceparent: row.get("traceparent")?,
    })
}

/// 1 s, 2 s, 4 s … up to [`LONGEST_PAUSE`].
fn pause(attempts: u32) -> Duration {
    Duration::from_secs(1 << attempts.min(16)).min(LONGEST_PAUSE)
}
