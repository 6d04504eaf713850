//! What happens around every request: a trace id, a span, a log line, metrics, and headers every response has.

use std::{sync::Arc, time::Instant};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use identity::Entropy;
use tracing::Instrument;

use super::{mount::ServedBy, trace};
use crate::metrics::HttpMetrics;

/// What the observer works with.
pub(super) struct Observer {
    pub(super) entropy: Arc<dyn Entropy>,
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

pub(super) async fn observe(
    observer: Data<Observer>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    let trace_id = trace::id_for(request.headers(), observer.entropy.as_ref());
    let method = request.method().clone();
    let span = tracing::info_span!("request", %method, trace_id);
    let mut response = trace::within(trace_id.clone(), next.call(request).instrument(span)).await?;

    let took = began.elapsed();
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    observer.metrics.observe(method.as_str(), &route, status, took);
    tracing::info!(trace_id, %method, route, status, millis = took.as_secs_f64() * 1000.0, "answered");

    let served_by = response.request().app_data::<ServedBy>().unwrap_or(&observer.served_by).0.clone();
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-served-by"), served_by);
    if let Ok(id) = HeaderValue::try_from(trace_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    for &(name, value) in PROTECTIONS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}
