//! Messages leave if and only if their transaction is committed, at least once, and wait for a receiver.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chassis::{
    Shutdown,
    database::{Database, sql},
    metrics::Metrics,
    outbox::{Deliver, Dispatcher, Event, OutboxMetrics, Wake, enqueue},
    trace::{self, Kind, TraceContext, Tracer},
};
use identity::{Clock, SystemEntropy, uuid_v7};
use testkit::TestClock;
use uuid::Uuid;

/// A receiver that can be away.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    away: bool,
    received: Vec<Uuid>,
    /// In whose trace each was received.
    traces: Vec<String>,
}

impl Deliver for Receiver {
    async fn deliver(&self, event: &Event) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut state = self.0.lock().unwrap();
        if state.away {
            return Err("away".into());
        }
        assert_eq!((event.topic.as_str(), event.payload.as_slice()), ("greeting", b"hello".as_slice()));
        state.received.push(event.id);
        state.traces.push(trace::current_id());
        Ok(())
    }
}

impl Receiver {
    fn is_away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// In whose traces messages came.
    fn traces(&self) -> Vec<String> {
        self.0.lock().unwrap().traces.clone()
    }

    fn received(&self) -> Vec<Uuid> {
        self.0.lock().unwrap().received.clone()
    }
}

fn dispatcher(database: &Database, clock: &Arc<TestClock>) -> (Dispatcher<Receiver>, Receiver) {
    let receiver = Receiver::default();
    let (database, clock) = (database.clone(), clock.clone());
    let tracer = Tracer::none(Arc::new(SystemEntropy));
    let metrics = OutboxMetrics::register(&Metrics::default(), "notes-service");
    (
        Dispatcher { database, clock, tracer, metrics, wake: Wake::default(), deliver: receiver.clone() },
        receiver,
    )
}

async fn send(database: &Database, clock: &TestClock, id: u128) {
    let mut transaction = database.begin().await.unwrap();
    enqueue(&mut transaction, Uuid::from_u128(id), "greeting", b"hello".to_vec(), clock.now()).await.unwrap();
    transaction.commit().await.unwrap();
}

testkit::each_engine! {
    async fn a_message_waits_for_its_receiver_and_is_taken_once(database: TestDatabase) {
        let (database, clock) = (crate::database::open(&database).await, Arc::new(TestClock::default()));
        let (dispatcher, receiver) = dispatcher(&database, &clock);
        receiver.is_away(true);
        send(&database, &clock, 1).await;
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 1);
        receiver.is_away(false);
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 0, "not before a pause");
        clock.advance(Duration::from_secs(1));
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 1);
        clock.advance(Duration::from_hours(1));
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 0);
        assert_eq!(receiver.received(), [Uuid::from_u128(1)]);
    }

    async fn a_message_belongs_to_the_trace_that_it_was_written_in(database: TestDatabase) {
        let (database, clock) = (crate::database::open(&database).await, Arc::new(TestClock::default()));
        let (dispatcher, receiver) = dispatcher(&database, &clock);
        let parent = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let request = dispatcher.tracer.span(Kind::Server, "a request", parent);
        request.scope(send(&database, &clock, 1)).await;
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 1);
        send(&database, &clock, 2).await;
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 1);
        let traces = receiver.traces();
        assert_eq!(traces[0], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(traces[1] != traces[0] && traces[1] != "0".repeat(32), "a trace of its own: {traces:?}");
    }

    async fn what_waits_can_be_seen(database: TestDatabase) {
        let (database, clock) = (crate::database::open(&database).await, Arc::new(TestClock::default()));
        let (mut dispatcher, receiver) = dispatcher(&database, &clock);
        let metrics = Metrics::default();
        dispatcher.metrics = OutboxMetrics::register(&metrics, "notes-service");
        receiver.is_away(true);
        for _ in 0..2 {
            let id = uuid_v7(clock.as_ref(), &SystemEntropy).as_u128();
            send(&database, &clock, id).await;
            clock.advance(Duration::from_secs(30));
        }
        let end = Shutdown::new();
        let running = tokio::spawn(dispatcher.run(end.clone()));
        let seen = async {
            for line in [
                r#"outbox_messages{service="notes-service"} 2"#,
                r#"outbox_oldest_seconds{service="notes-service"} 60.0"#,
                r#"outbox_deliveries_total{service="notes-service",topic="greeting",outcome="failed"} 2"#,
            ] {
                while !metrics.text().contains(line) {
                    tokio::task::yield_now().await;
                }
            }
        };
        let seen = tokio::time::timeout(Duration::from_secs(10), seen).await;
        assert!(seen.is_ok(), "{}", metrics.text());
        end.trigger();
        running.await.unwrap();
    }

    async fn what_is_rolled_back_is_never_sent(database: TestDatabase) {
        let (database, clock) = (crate::database::open(&database).await, Arc::new(TestClock::default()));
        let (dispatcher, _) = dispatcher(&database, &clock);
        let mut transaction = database.begin().await.unwrap();
        enqueue(&mut transaction, Uuid::nil(), "greeting", Vec::new(), clock.now()).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 0);
    }

    async fn two_replicas_do_not_send_the_same_message(database: TestDatabase) {
        let (database, clock) = (crate::database::open(&database).await, Arc::new(TestClock::default()));
        for id in 0..40 {
            send(&database, &clock, id).await;
        }
        let ((one, from_one), (two, from_two)) = (dispatcher(&database, &clock), dispatcher(&database, &clock));
        while let (1.., _) | (_, 1..) = tokio::try_join!(one.deliver_due(), two.deliver_due()).unwrap() {}
        let mut received = [from_one.received(), from_two.received()].concat();
        received.sort_unstable();
        assert_eq!(received, (0..40).map(Uuid::from_u128).collect::<Vec<_>>());
        let left = sql("SELECT id FROM outbox").fetch_optional(&mut database.read().await.unwrap()).await.unwrap();
        assert!(left.is_none(), "nothing is left behind");
    }
}
