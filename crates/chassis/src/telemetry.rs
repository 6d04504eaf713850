//! What a process lets be seen of itself: logs (for people on a terminal, JSON lines otherwise), and spans for an
//! OpenTelemetry collector.
//!
//! [`start`] begins both; what is logged within a [`Span`](crate::trace::Span) carries its trace id and span id.
//! Spans go through a bounded queue to a task that sends them (`exporter`), so that a collector that is slow, silent
//! or gone costs the requests nothing: what it cannot take is dropped and counted. Where next: `exporter`.

mod encode;
mod exporter;
mod lines;
mod settings;

use std::{io::IsTerminal, sync::Arc, time::Duration};

use identity::{SystemClock, SystemEntropy};
use tokio::{task::JoinHandle, time::timeout};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    settings::{Environment, Mistakes, load},
    shutdown::Shutdown,
    trace::Tracer,
};

pub use settings::{TelemetrySettings, TraceSettings};

/// How long the end of a process waits for the collector to take the last spans.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What was started.
pub struct Telemetry {
    tracer: Tracer,
    exporting: Option<(Shutdown, JoinHandle<()>)>,
}

/// Sends logs to standard error from now on, and spans to the collector if there is one. Call once, at the start
/// of a process and inside a runtime; a second call leaves the logs as they are.
///
/// # Errors
/// The mistakes in the `LOG_` and `OTEL_` variables.
pub fn start(environment: &Environment) -> Result<Telemetry, Mistakes> {
    let (logs, traces) = match (load(environment), load(environment)) {
        (Ok(logs), Ok(traces)) => (logs, traces),
        (logs, traces) => {
            let mistakes = [logs.err(), traces.err()].into_iter().flatten();
            return Err(Mistakes(mistakes.flat_map(|Mistakes(mistakes)| mistakes).collect()));
        }
    };
    log(logs);
    Ok(Telemetry::export(traces))
}

fn log(settings: TelemetrySettings) {
    let json = match settings.format.as_str() {
        "json" => true,
        "pretty" => false,
        _ => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(EnvFilter::new(settings.filter));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = if json {
        let lines = lines.json().flatten_event(true).with_current_span(false).with_span_list(false);
        registry.with(lines.map_event_format(lines::Traced)).try_init()
    } else {
        registry.with(lines.compact().with_target(false)).try_init()
    };
    drop(started);
}

impl Telemetry {
    /// Starts what sends spans, if they are to be sent. Call inside a runtime.
    #[must_use]
    pub fn export(settings: TraceSettings) -> Self {
        let (entropy, clock) = (Arc::new(SystemEntropy), Arc::new(SystemClock));
        let Some((queue, exporter)) = exporter::open(settings, clock) else {
            return Self { tracer: Tracer::none(entropy), exporting: None };
        };
        let end = Shutdown::new();
        let task = tokio::spawn(exporter.run(end.clone()));
        Self { tracer: Tracer::exporting(entropy, queue), exporting: Some((end, task)) }
    }

    /// Makes spans that are sent, if any are.
    #[must_use]
    pub fn tracer(&self) -> Tracer {
        self.tracer.clone()
    }

    /// Sends the last spans; waits a second at most.
    pub async fn finish(self) {
        let Some((end, mut task)) = self.exporting else { return };
        end.trigger();
        if timeout(LAST_WORDS, &mut task).await.is_err() {
            task.abort();
            tracing::warn!("the collector does not take the last spans in time");
        }
    }
}
