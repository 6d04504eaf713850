//! Finished spans as OTLP has them (opentelemetry-proto 1.x, `trace/v1/trace.proto`).

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode},
};

use crate::trace::{Finished, Kind, Source, Value};

/// The semantic conventions that the names of attributes follow.
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.37.0";

/// One request for all of `spans`, by the service they come from. `attributes` go with every service.
pub(super) fn request(
    spans: &[(Arc<Source>, Finished)],
    attributes: &[(String, String)],
) -> ExportTraceServiceRequest {
    let mut by_source: Vec<(&Source, Vec<Span>)> = Vec::new();
    for (source, finished) in spans {
        let known = by_source.iter_mut().find(|(known, _)| **known == **source);
        match known {
            Some((_, spans)) => spans.push(span(finished)),
            None => by_source.push((source, vec![span(finished)])),
        }
    }
    let resource_spans = by_source.into_iter().map(|(source, spans)| {
        let scope = InstrumentationScope { name: "chassis".to_owned(), ..InstrumentationScope::default() };
        let schema_url = SCHEMA.to_owned();
        let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, schema_url: schema_url.clone() }];
        ResourceSpans { resource: Some(resource(source, attributes)), scope_spans, schema_url }
    });
    ExportTraceServiceRequest { resource_spans: resource_spans.collect() }
}

fn resource(source: &Source, attributes: &[(String, String)]) -> Resource {
    let own = [
        ("service.name", source.service),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("service.instance.id", source.instance.as_str()),
    ];
    let more = attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let more = more.filter(|(key, _)| own.iter().all(|(own, _)| own != key));
    let text = |(key, value): (&str, &str)| attribute(key, any_value::Value::StringValue(value.to_owned()));
    Resource { attributes: own.into_iter().chain(more).map(text).collect(), ..Resource::default() }
}

fn span(finished: &Finished) -> Span {
    let kind = match finished.kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
    };
    let start = u64::try_from(finished.started.as_nanosecond()).unwrap_or_default();
    let took = u64::try_from(finished.took.as_nanos()).unwrap_or(u64::MAX);
    let failed = Status { code: StatusCode::Error.into(), ..Status::default() };
    Span {
        trace_id: finished.context.trace_id_bytes().to_vec(),
        span_id: finished.context.span_id_bytes().to_vec(),
        parent_span_id: finished.parent.map(|parent| parent.to_be_bytes().to_vec()).unwrap_or_default(),
        // Sampled: only what is gets here.
        flags: 1,
        name: finished.name.clone().into_owned(),
        kind: kind.into(),
        start_time_unix_nano: start,
        end_time_unix_nano: start.saturating_add(took),
        attributes: finished.attributes.iter().map(|(key, value)| attribute(key, encode(value))).collect(),
        status: finished.failed.then_some(failed),
        ..Span::default()
    }
}

fn encode(value: &Value) -> any_value::Value {
    match value {
        Value::Text(text) => any_value::Value::StringValue(text.clone().into_owned()),
        Value::Number(number) => any_value::Value::IntValue(*number),
    }
}

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}
