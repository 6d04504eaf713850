//! What happens around every request: a span, a log line, metrics, and headers every response has.

use std::time::Instant;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Version,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use super::mount::ServedBy;
use crate::{
    metrics::{HttpMetrics, offered},
    problem::ProblemCode,
    trace::{Kind, Span, TRACEPARENT, TraceContext, Tracer},
};

/// What the observer works with.
pub(super) struct Observer {
    pub(super) tracer: Tracer,
    pub(super) metrics: HttpMetrics,
    /// Who answers where no service's route matched.
    pub(super) served_by: ServedBy,
}

/// Headers that keep a response from caches and protect a browser which shows it; a handler that needs another
/// value sets it.
const PROTECTIONS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];
/// Asked every few seconds by machines: answering is no part of anybody's work.
const UNRECORDED: &[&str] = &["/livez", "/readyz", "/metrics"];

pub(super) async fn observe(
    observer: Data<Observer>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let span = open(&observer.tracer, &request);
    let answering = async {
        let began = Instant::now();
        let (method, version) = (request.method().clone(), request.version());
        let response = next.call(request).await?;

        let took = began.elapsed();
        let route = response.request().match_pattern();
        let status = response.status().as_u16();
        describe(&span, offered(method.as_str()), version, route.as_deref(), status);
        let route = route.unwrap_or_else(|| "unmatched".to_owned());
        observer.metrics.observe(method.as_str(), &route, status, took);
        if let Some(&ProblemCode(code)) = response.response().extensions().get() {
            observer.metrics.refused(&route, code);
        }
        tracing::info!(%method, route, status, millis = took.as_secs_f64() * 1000.0, "answered");
        Ok::<_, Error>(response)
    };
    let mut response = span.scope(answering).await?;

    let served_by = response.request().app_data::<ServedBy>().unwrap_or(&observer.served_by).0.clone();
    complete(response.headers_mut(), served_by, span.context());
    Ok(response)
}

/// A span of the trace that the caller names, or of a new one.
fn open(tracer: &Tracer, request: &ServiceRequest) -> Span {
    let parent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let parent = parent.and_then(TraceContext::parse);
    if UNRECORDED.contains(&request.path()) {
        tracer.unrecorded(parent)
    } else {
        tracer.span(Kind::Server, "HTTP", parent)
    }
}

/// By the OpenTelemetry semantic conventions for HTTP 1.37. The route's pattern and never the path or the query,
/// which hold whatever a caller likes.
fn describe(span: &Span, method: Option<&'static str>, version: Version, route: Option<&str>, status: u16) {
    span.rename(|| match route {
        Some(route) => format!("{} {route}", method.unwrap_or("HTTP")),
        None => method.unwrap_or("HTTP").to_owned(),
    });
    span.set("http.request.method", method.unwrap_or("_OTHER"));
    if let Some(route) = route {
        span.set("http.route", route.to_owned());
    }
    span.set("http.response.status_code", i64::from(status));
    span.set("network.protocol.version", if version == Version::HTTP_2 { "2" } else { "1.1" });
    span.set("url.scheme", "http");
    // What the caller did wrong is no failure of the server.
    if status >= 500 {
        span.fail(status.to_string());
    }
}

fn complete(headers: &mut HeaderMap, served_by: HeaderValue, context: TraceContext) {
    headers.insert(HeaderName::from_static("x-served-by"), served_by);
    if let Ok(id) = HeaderValue::try_from(context.trace_id()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    for &(name, value) in PROTECTIONS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
