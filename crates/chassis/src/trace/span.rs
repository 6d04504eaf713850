//! One part of the work in a trace.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tracing::Instrument;

use super::{TraceContext, Tracer};

tokio::task_local! {
    static CURRENT: Span;
}

/// Which side of a conversation a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Answers a request.
    Server,
    /// Sends a request and waits for the answer.
    Client,
    /// Leaves a message for later.
    Producer,
    /// Takes such a message up.
    Consumer,
}

/// What an attribute can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

/// A part of the work, from its making until its last clone is gone. Clones are the same span.
#[derive(Clone)]
pub struct Span(Arc<Active>);

struct Active {
    context: TraceContext,
    tracer: Tracer,
    /// Only where it will be exported.
    recording: Option<Mutex<Recording>>,
}

struct Recording {
    name: Cow<'static, str>,
    kind: Kind,
    parent: Option<u64>,
    started: Timestamp,
    began: Instant,
    attributes: Vec<(&'static str, Value)>,
    failed: bool,
}

/// A span that is over.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) context: TraceContext,
    pub(crate) parent: Option<u64>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Kind,
    pub(crate) started: Timestamp,
    pub(crate) took: Duration,
    pub(crate) attributes: Vec<(&'static str, Value)>,
    pub(crate) failed: bool,
}

impl Span {
    pub(super) fn recorded(
        tracer: Tracer,
        (kind, name): (Kind, Cow<'static, str>),
        context: TraceContext,
        parent: Option<u64>,
    ) -> Self {
        let recording = Recording {
            name,
            kind,
            parent,
            started: tracer.now(),
            began: Instant::now(),
            attributes: Vec::new(),
            failed: false,
        };
        Self(Arc::new(Active { context, tracer, recording: Some(Mutex::new(recording)) }))
    }

    /// Carries the context on and nothing else.
    pub(super) fn unrecorded(tracer: Tracer, context: TraceContext) -> Self {
        Self(Arc::new(Active { context, tracer, recording: None }))
    }

    /// What to pass on to those who do a part of this work.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        self.0.context
    }

    /// Gives it a better name, of few different ones.
    pub fn rename(&self, name: impl FnOnce() -> String) {
        if let Some(mut recording) = self.recording() {
            recording.name = name().into();
        }
    }

    /// Notes a fact. Never anything secret or personal; the key is one of the OpenTelemetry semantic conventions or
    /// begins with `signet.`.
    pub fn set(&self, key: &'static str, value: impl Into<Value>) {
        if let Some(mut recording) = self.recording() {
            recording.attributes.push((key, value.into()));
        }
    }

    /// Notes that the work failed, and how (`error.type`), by one of few names.
    pub fn fail(&self, kind: impl Into<Value>) {
        if let Some(mut recording) = self.recording() {
            recording.failed = true;
            recording.attributes.push(("error.type", kind.into()));
        }
    }

    /// Does `work` as this span: what it calls and logs belongs to it.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        let context = self.context();
        let span = tracing::info_span!("trace", trace_id = context.trace_id(), span_id = context.span_id());
        CURRENT.scope(self.clone(), work.instrument(span)).await
    }

    /// A part of this span's work.
    #[must_use]
    pub fn child(&self, kind: Kind, name: impl Into<Cow<'static, str>>) -> Self {
        let Active { context, tracer, recording } = self.0.as_ref();
        match recording {
            Some(_) => tracer.recorded(kind, name.into(), context.next(tracer.entropy()), Some(context.span)),
            None => Self::unrecorded(tracer.clone(), *context),
        }
    }

    fn recording(&self) -> Option<MutexGuard<'_, Recording>> {
        Some(self.0.recording.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let Some(recording) = self.recording.take() else { return };
        let recording = recording.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.tracer.export(Finished {
            context: self.context,
            parent: recording.parent,
            name: recording.name,
            kind: recording.kind,
            started: recording.started,
            took: recording.began.elapsed(),
            attributes: recording.attributes,
            failed: recording.failed,
        });
    }
}

/// What is done now belongs to this, if to anything.
#[must_use]
pub fn current() -> Option<TraceContext> {
    CURRENT.try_with(Span::context).ok()
}

/// The id of the trace that what is done now belongs to: 32 hexadecimal digits, all zeros outside of any.
#[must_use]
pub fn current_id() -> String {
    current().map_or_else(|| "0".repeat(32), |context| context.trace_id())
}

/// A part of what is done now; `None` where no span is at work.
#[must_use]
pub fn child(kind: Kind, name: impl Into<Cow<'static, str>>) -> Option<Span> {
    CURRENT.try_with(|span| span.child(kind, name)).ok()
}

/// Notes a fact about what is done now; see [`Span::set`].
pub fn set(key: &'static str, value: impl Into<Value>) {
    // Outside of any span there is nothing to note it on.
    let _ = CURRENT.try_with(|span| span.set(key, value));
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<uuid::Uuid> for Value {
    fn from(id: uuid::Uuid) -> Self {
        Self::Text(id.to_string().into())
    }
}
