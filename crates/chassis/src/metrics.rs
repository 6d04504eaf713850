//! Numbers for Prometheus. Labels have few values by construction: routes are patterns, never paths.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::{HttpResponse, web::Data};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// The numbers of one process or service. Clones share one registry.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    service: &'static str,
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    service: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    service: &'static str,
    route: String,
    code: &'static str,
}

/// Requests by outcome and time.
#[derive(Clone)]
pub(crate) struct HttpMetrics {
    service: &'static str,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    problems: Family<Refused, Counter>,
}

impl Metrics {
    /// Lets `add` register metrics.
    pub fn register<T>(&self, add: impl FnOnce(&mut Registry) -> T) -> T {
        add(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything in the `OpenMetrics` text format.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.0.lock().unwrap_or_else(PoisonError::into_inner));
        text
    }
}

impl HttpMetrics {
    pub(crate) fn register(metrics: &Metrics, service: &'static str) -> Self {
        /// 0.25 ms to about 4 s.
        fn histogram() -> Histogram {
            Histogram::new(exponential_buckets(0.000_25, 2.0, 15))
        }
        let own = Self {
            service,
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            problems: Family::default(),
        };
        metrics.register(|registry| {
            registry.register("http_requests", "Requests answered", own.requests.clone());
            registry.register("http_request_seconds", "Time to answer", own.seconds.clone());
            registry.register("http_problems", "Requests answered with a problem", own.problems.clone());
        });
        own
    }

    pub(crate) fn observe(&self, method: &str, route: &str, status: u16, took: Duration) {
        let method = offered(method).unwrap_or("other");
        let (service, route) = (self.service, route.to_owned());
        let request = Request { service, method: method.to_owned(), route: route.clone(), status };
        self.requests.get_or_create(&request).inc();
        self.seconds.get_or_create(&Route { service, route }).observe(took.as_secs_f64());
    }

    /// Counts a problem by its code, of which there is a closed list.
    pub(crate) fn refused(&self, route: &str, code: &'static str) {
        let problem = Refused { service: self.service, route: route.to_owned(), code };
        self.problems.get_or_create(&problem).inc();
    }
}

/// The method, if it is one that is offered: a method is any token a caller likes.
pub(crate) fn offered(method: &str) -> Option<&'static str> {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].into_iter().find(|name| *name == method)
}

/// `GET /metrics`
pub(crate) async fn scrape(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(metrics.text())
}
