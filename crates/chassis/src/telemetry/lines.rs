//! Log lines for machines: each says first to which trace it belongs, if to any.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::trace;

/// Lines of JSON with `trace_id` and `span_id` at the top.
pub(super) struct Traced<F>(pub(super) F);

impl<S, N, F> FormatEvent<S, N> for Traced<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        match (trace::current(), line.strip_prefix('{')) {
            (Some(current), Some(rest)) => {
                let (trace, span) = (current.trace_id(), current.span_id());
                write!(writer, r#"{{"trace_id":"{trace}","span_id":"{span}",{rest}"#)
            }
            _ => writer.write_str(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use identity::SystemEntropy;
    use serde_json::Value;
    use tracing_subscriber::{fmt::layer, layer::SubscriberExt};

    use super::*;
    use crate::trace::{Kind, Tracer};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_line_names_its_trace() {
        let lines = Lines::default();
        let layer = layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
        let writer = lines.clone();
        let layer = layer.with_writer(move || writer.clone()).map_event_format(Traced);
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let span = Tracer::none(Arc::new(SystemEntropy)).span(Kind::Server, "x", None);
        span.scope(async { tracing::info!(number = 7, "within") }).await;
        tracing::info!("without");
        drop(guard);

        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let context = span.context();
        assert_eq!(lines[0]["trace_id"], context.trace_id());
        assert_eq!(lines[0]["span_id"], context.span_id());
        assert_eq!((&lines[0]["message"], &lines[0]["number"]), (&"within".into(), &7.into()));
        assert_eq!(lines[1]["message"], "without");
        assert!(lines[1].get("trace_id").is_none());
    }
}
