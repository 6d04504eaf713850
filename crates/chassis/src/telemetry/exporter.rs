//! Takes finished spans out of a bounded queue and sends them in batches: OTLP over HTTP, protobuf.
//!
//! A collector that cannot be reached or is busy is asked again, with growing pauses; meanwhile the queue fills,
//! and what does not fit any more is dropped where it ends, without waiting. Trouble is told once a minute.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use identity::Clock;
use prometheus_client::metrics::counter::Counter;
use prost::Message;
use reqwest::{Client, StatusCode, Url, header, redirect::Policy};
use tokio::{
    sync::mpsc::{Receiver, channel},
    time::{Instant, sleep, timeout},
};

use super::{TraceSettings, encode};
use crate::{
    problem::Chain,
    shutdown::Shutdown,
    trace::{Finished, Queue, Source},
};

/// How many spans may wait, about 1 KiB each.
const QUEUE: usize = 2048;
/// How many are sent at once.
const BATCH: usize = 512;
/// How long the first one of a batch waits for others.
const GATHER: Duration = Duration::from_secs(1);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a batch is offered to a collector that cannot take it now: over 15 seconds.
const ATTEMPTS: u32 = 5;
/// How long trouble is not told again.
const SILENCE: Duration = Duration::from_mins(1);

pub(super) struct Exporter {
    client: Client,
    endpoint: Url,
    settings: TraceSettings,
    receiver: Receiver<(Arc<Source>, Finished)>,
    batch: Vec<(Arc<Source>, Finished)>,
    exported: Counter,
    dropped: Counter,
    told: Option<Instant>,
}

/// Why the collector did not take a batch.
#[derive(Debug)]
enum Refusal {
    Unreachable(reqwest::Error),
    Answered(StatusCode),
}

/// A queue and what empties it; `None` when spans are to go nowhere.
pub(super) fn open(settings: TraceSettings, clock: Arc<dyn Clock>) -> Option<(Queue, Exporter)> {
    let endpoint = settings.endpoint.clone()?;
    let client = Client::builder()
        .timeout(settings.timeout)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        .build();
    let client = client.inspect_err(|error| tracing::warn!(%error, "spans cannot be exported")).ok()?;
    let (sender, receiver) = channel(QUEUE);
    let (exported, dropped) = (Counter::default(), Counter::default());
    let queue = Queue {
        sampler: settings.sampler,
        clock,
        sender,
        dropped: dropped.clone(),
        exported: exported.clone(),
    };
    let batch = Vec::with_capacity(BATCH);
    Some((queue, Exporter { client, endpoint, settings, receiver, batch, exported, dropped, told: None }))
}

impl Exporter {
    /// Sends spans until the end, and then those that are left.
    pub(super) async fn run(mut self, end: Shutdown) {
        while self.gather(&end).await {
            self.offer(&end).await;
        }
    }

    /// Fills the batch; whether there is one. In the end it takes what is there without waiting for more.
    async fn gather(&mut self, end: &Shutdown) -> bool {
        let Self { receiver, batch, .. } = self;
        if end.stops(receiver.recv_many(batch, BATCH)).await.is_none() {
            receiver.close();
            return receiver.recv_many(batch, BATCH).await > 0;
        }
        let more = async {
            while batch.len() < BATCH && receiver.recv_many(batch, BATCH - batch.len()).await > 0 {}
        };
        // Late or at the end: with what there is.
        let _ = end.stops(timeout(GATHER, more)).await;
        !batch.is_empty()
    }

    /// Sends the batch, again and again if need be. In the end once.
    async fn offer(&mut self, end: &Shutdown) {
        let body = encode::request(&self.batch, &self.settings.attributes).encode_to_vec();
        let count = self.batch.len() as u64;
        self.batch.clear();
        for attempt in 1..=ATTEMPTS {
            let Err(refusal) = self.send(body.clone()).await else {
                self.exported.inc_by(count);
                return;
            };
            self.tell(&refusal);
            if !refusal.may_pass() || end.is_triggered() {
                break;
            }
            let pause = Duration::from_secs(1 << (attempt - 1).min(3));
            let _ = end.stops(sleep(pause)).await;
        }
        self.dropped.inc_by(count);
    }

    async fn send(&self, body: Vec<u8>) -> Result<(), Refusal> {
        let request = self.client.post(self.endpoint.clone()).headers(self.settings.headers.clone());
        let request = request.header(header::CONTENT_TYPE, "application/x-protobuf").body(body);
        let answer = request.send().await.map_err(|error| Refusal::Unreachable(error.without_url()))?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(Refusal::Answered(status)) }
    }

    fn tell(&mut self, refusal: &Refusal) {
        if self.told.is_some_and(|told| told.elapsed() < SILENCE) {
            return;
        }
        self.told = Some(Instant::now());
        let dropped = self.dropped.get();
        tracing::warn!(error = %Chain(refusal), dropped, "the collector does not take spans");
    }
}

impl Refusal {
    /// Whether it may think otherwise in a moment (OTLP specification, "Retryable response codes").
    fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Answered(status) => [429, 502, 503, 504].contains(&status.as_u16()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(_) => f.write_str("it does not answer"),
            Self::Answered(status) => write!(f, "it answers {status}"),
        }
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            Self::Answered(_) => None,
        }
    }
}
