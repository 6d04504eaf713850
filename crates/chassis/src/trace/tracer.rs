//! Where spans are made, and the queue into which they go when they are over.

use std::{borrow::Cow, fmt, sync::Arc};

use identity::{Clock, Entropy};
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::mpsc::Sender;

use super::{
    Sampler, TraceContext,
    span::{Finished, Kind, Span},
};
use crate::metrics::Metrics;

/// Makes spans in the name of one service. Clones are the same.
#[derive(Clone)]
pub struct Tracer {
    entropy: Arc<dyn Entropy>,
    queue: Option<Queue>,
    source: Arc<Source>,
}

/// Whose spans they are: the resource, as OpenTelemetry calls it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) service: &'static str,
    pub(crate) instance: String,
}

/// The way to the exporter. It never waits: what does not fit is dropped and counted.
#[derive(Clone)]
pub(crate) struct Queue {
    pub(crate) sampler: Sampler,
    /// The machine's clock, whatever time the service lives in: a trace is put together from many machines.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sender: Sender<(Arc<Source>, Finished)>,
    pub(crate) dropped: Counter,
    pub(crate) exported: Counter,
}

impl Tracer {
    /// Carries traces on and records nothing.
    #[must_use]
    pub fn none(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, queue: None, source: Arc::default() }
    }

    pub(crate) fn exporting(entropy: Arc<dyn Entropy>, queue: Queue) -> Self {
        Self { entropy, queue: Some(queue), source: Arc::default() }
    }

    /// The same in the name of `service`, of which this is the replica called `instance`.
    #[must_use]
    pub fn of(&self, service: &'static str, instance: &str) -> Self {
        Self { source: Arc::new(Source { service, instance: instance.to_owned() }), ..self.clone() }
    }

    /// Work that was caused by `parent`, or by nobody who says.
    #[must_use]
    pub fn span(&self, kind: Kind, name: impl Into<Cow<'static, str>>, parent: Option<TraceContext>) -> Span {
        let Some(queue) = &self.queue else { return self.unrecorded(parent) };
        let mut context = match parent {
            Some(parent) => parent,
            None => TraceContext::fresh(self.entropy.as_ref()),
        };
        context.sampled = queue.sampler.records(parent.as_ref(), &context);
        match parent {
            _ if !context.sampled => Span::unrecorded(self.clone(), context),
            None => self.recorded(kind, name.into(), context, None),
            Some(parent) => {
                self.recorded(kind, name.into(), context.next(self.entropy.as_ref()), Some(parent.span))
            }
        }
    }

    /// Work of no interest, such as answering a health check.
    #[must_use]
    pub fn unrecorded(&self, parent: Option<TraceContext>) -> Span {
        let context = parent.unwrap_or_else(|| TraceContext::fresh(self.entropy.as_ref()));
        Span::unrecorded(self.clone(), context)
    }

    /// Shows how many spans were exported and dropped, if any are.
    pub fn register(&self, metrics: &Metrics) {
        let Some(queue) = &self.queue else { return };
        metrics.register(|registry| {
            let (exported, dropped) = (queue.exported.clone(), queue.dropped.clone());
            registry.register("telemetry_spans_exported", "Spans that the collector has taken", exported);
            registry.register("telemetry_spans_dropped", "Spans that nobody will see", dropped);
        });
    }

    pub(super) fn recorded(
        &self,
        kind: Kind,
        name: Cow<'static, str>,
        context: TraceContext,
        parent: Option<u64>,
    ) -> Span {
        Span::recorded(self.clone(), (kind, name), context, parent)
    }

    pub(super) fn export(&self, span: Finished) {
        if let Some(queue) = &self.queue
            && queue.sender.try_send((self.source.clone(), span)).is_err()
        {
            queue.dropped.inc();
        }
    }

    pub(super) fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// Asked only where spans are recorded.
    pub(super) fn now(&self) -> Timestamp {
        self.queue.as_ref().map_or(Timestamp::UNIX_EPOCH, |queue| queue.clock.now())
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("source", &self.source).finish_non_exhaustive()
    }
}
