//! An OpenTelemetry collector that keeps what it is sent.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Bytes},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode as SpanStatus},
};
use prost::Message;

/// How long spans may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// Takes spans by OTLP over HTTP until it is dropped.
pub struct Collector {
    url: String,
    state: Arc<State>,
    server: ServerHandle,
}

#[derive(Default)]
struct State {
    /// 0: takes what comes.
    refuses: AtomicU16,
    /// What came, and whether it was taken.
    requests: Mutex<Vec<(bool, Bytes)>>,
}

/// A span as it arrived, in words.
#[derive(Debug, Clone)]
pub struct ReceivedSpan {
    /// The attributes of where it comes from.
    pub resource: BTreeMap<String, String>,
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// 16 hexadecimal digits, or nothing.
    pub parent_id: String,
    /// What was done.
    pub name: String,
    /// Which side of a conversation it is.
    pub kind: SpanKind,
    /// What is known about it.
    pub attributes: BTreeMap<String, String>,
    /// Whether the work failed.
    pub failed: bool,
}

impl Collector {
    /// One that takes everything. Call inside a runtime.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(State::default());
        let shared = web::Data::from(state.clone());
        let server = HttpServer::new(move || {
            let limit = web::PayloadConfig::new(64 * 1024 * 1024);
            App::new().app_data(shared.clone()).app_data(limit).route("/v1/traces", web::post().to(take))
        });
        let server = server.workers(1).disable_signals().listen(listener).expect("a server").run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, state, server: handle }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` names.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers this status from now on.
    pub fn refuse(&self, status: u16) {
        self.state.refuses.store(status, Ordering::Relaxed);
    }

    /// How many requests have come, taken or not.
    pub fn requests(&self) -> usize {
        self.state.requests.lock().expect("nobody panics with it").len()
    }

    /// Everything that came, taken or not, byte by byte.
    pub fn bytes(&self) -> Vec<u8> {
        let requests = self.state.requests.lock().expect("nobody panics with it");
        requests.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
    }

    /// Everything that was taken.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        let requests = self.state.requests.lock().expect("nobody panics with it");
        requests.iter().filter(|(taken, _)| *taken).flat_map(|(_, bytes)| read(bytes)).collect()
    }

    /// Waits until `found` makes something of what came.
    pub async fn until<T>(&self, found: impl Fn(&[ReceivedSpan]) -> Option<T>) -> T {
        let looking = async {
            loop {
                if let Some(what) = found(&self.spans()) {
                    return what;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let looked = tokio::time::timeout(PATIENCE, looking).await;
        looked.unwrap_or_else(|_| panic!("it is not among {:#?}", self.spans()))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn take(state: web::Data<State>, body: Bytes) -> HttpResponse {
    // Decided before anybody sees that it came.
    let status = StatusCode::from_u16(state.refuses.load(Ordering::Relaxed));
    state.requests.lock().expect("nobody panics with it").push((status.is_err(), body));
    match status {
        Ok(status) => HttpResponse::new(status),
        Err(_) => HttpResponse::Ok().content_type("application/x-protobuf").finish(),
    }
}

fn read(bytes: &[u8]) -> Vec<ReceivedSpan> {
    let request = ExportTraceServiceRequest::decode(bytes).expect("a request of OTLP");
    let by_source = request.resource_spans.into_iter().flat_map(|by_source| {
        let resource = texts(by_source.resource.expect("where it comes from").attributes);
        let spans = by_source.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| received(&resource, span)).collect::<Vec<_>>()
    });
    by_source.collect()
}

fn received(resource: &BTreeMap<String, String>, span: Span) -> ReceivedSpan {
    assert!(span.start_time_unix_nano > 0 && span.end_time_unix_nano >= span.start_time_unix_nano);
    ReceivedSpan {
        resource: resource.clone(),
        trace_id: hexadecimal(&span.trace_id),
        span_id: hexadecimal(&span.span_id),
        parent_id: hexadecimal(&span.parent_span_id),
        kind: span.kind(),
        failed: span.status.is_some_and(|status| status.code() == SpanStatus::Error),
        name: span.name,
        attributes: texts(span.attributes),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |attribute: KeyValue| {
        let value = match attribute.value.and_then(|value| value.value) {
            Some(Value::StringValue(text)) => text,
            Some(Value::IntValue(number)) => number.to_string(),
            other => panic!("{}: {other:?}", attribute.key),
        };
        (attribute.key, value)
    };
    attributes.into_iter().map(text).collect()
}
