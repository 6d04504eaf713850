//! What happened for one request, over all services: its trace.
//!
//! A request carries a [`TraceContext`] (W3C Trace Context) from service to service: over HTTP and gRPC in
//! `traceparent`, and with a message of the outbox in its row. Whoever does a part of the work opens a [`Span`] on
//! its [`Tracer`] and runs the work in it; the span that runs is known to everything below it ([`current_id`],
//! [`set`], [`child`]) without being handed down.
//!
//! Spans are recorded only where they are exported (see [`telemetry`](crate::telemetry)) and hold nothing but what
//! is put there by name, so nothing that is logged or called on the way can leak into them. Without an exporter the
//! context is still carried on, and nothing else is done. Where next: `span`, then `rpc` for calls between services.

mod context;
mod rpc;
mod sampler;
mod span;
mod tracer;

pub use context::TraceContext;
pub use rpc::{call, serve};
pub(crate) use sampler::Sampler;
pub(crate) use span::Finished;
pub use span::{Kind, Span, Value, child, current, current_id, set};
pub use tracer::Tracer;
pub(crate) use tracer::{Queue, Source};

/// The name of the HTTP header and of the gRPC metadata that carries the context (W3C Trace Context §3.2).
pub(crate) const TRACEPARENT: &str = "traceparent";
