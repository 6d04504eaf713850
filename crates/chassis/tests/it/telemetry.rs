//! Spans arrive as what they were; a collector that is down costs the requests nothing.

use std::{
    collections::BTreeMap,
    io,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chassis::{
    settings::load,
    telemetry::{Telemetry, TraceSettings},
    trace::{Kind, TraceContext},
};
use testkit::{Collector, Issuer};
use tokio::time::timeout;

use crate::sample;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

fn exporting(endpoint: &str) -> Telemetry {
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ];
    Telemetry::export(load::<TraceSettings>(&environment.into_iter().collect()).unwrap())
}

/// Its own port, on which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Connections are made by the kernel, and nobody ever answers.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test]
async fn a_request_arrives_as_a_span() {
    let (issuer, collector) = (Issuer::start().await, Collector::start());
    let telemetry = exporting(collector.url());
    let sample = sample::traced(&issuer, telemetry.tracer()).await;
    let client = &sample.client;
    client.get("/livez").header("traceparent", PARENT).await.expect(200);
    let read = client.get("/notes/3?canary=1").header("traceparent", PARENT).await.expect(200);
    assert_eq!(read.header("x-request-id"), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    client.get("/notes/canary").header("traceparent", PARENT).await.problem(404, "not_found");
    client.get("/canary").header("traceparent", PARENT).await.problem(404, "not_found");
    client.get("/notes/4").header("traceparent", UNSAMPLED).await.expect(200);
    let fresh = client.get("/notes/5").await.expect(200);
    sample.running.stop().await;
    telemetry.finish().await;

    let spans = collector.spans();
    let seen: Vec<_> = spans.iter().map(|span| (span.name.as_str(), span.trace_id.as_str())).collect();
    let (given, own) = ("4bf92f3577b34da6a3ce929d0e0e4736", fresh.header("x-request-id").unwrap());
    let route = "GET /notes/{number}";
    assert_eq!(seen, [(route, given), (route, given), ("GET", given), (route, own)]);
    let expected = BTreeMap::from([
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.route", "/notes/{number}"),
        ("network.protocol.version", "1.1"),
        ("url.scheme", "http"),
    ]);
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    assert_eq!(spans[0].attributes, expected);
    assert_eq!(spans[1].attributes["signet.problem"], "not_found");
    assert!(spans.iter().all(|span| span.kind as i32 == 2 && !span.failed), "servers: {spans:#?}");
    assert_eq!((spans[0].parent_id.as_str(), spans[3].parent_id.as_str()), ("00f067aa0ba902b7", ""));
    let resource = &spans[0].resource;
    assert_eq!((&*resource["service.name"], &*resource["service.instance.id"]), ("notes-service", "7"));
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(resource["deployment.environment.name"], "test");
    let bytes = collector.bytes();
    assert!(!bytes.windows(6).any(|window| window == b"canary"), "no path or query is exported");
}

#[tokio::test]
async fn a_collector_that_is_gone_or_silent_costs_requests_nothing() {
    let issuer = Issuer::start().await;
    let (_listener, silent) = silent();
    for endpoint in [nobody(), silent] {
        let telemetry = exporting(&endpoint);
        let sample = sample::traced(&issuer, telemetry.tracer()).await;
        for _ in 0..200 {
            let began = Instant::now();
            sample.client.get("/notes/3").await.expect(200);
            assert!(began.elapsed() < Duration::from_secs(1), "{endpoint}: a request waits");
        }
        // More than the queue holds: what is too much is dropped at once.
        let tracer = telemetry.tracer();
        let began = Instant::now();
        for _ in 0..10_000 {
            drop(tracer.span(Kind::Server, "much", TraceContext::parse(PARENT)));
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{endpoint}: a span waits");
        let metrics = sample.client.get("/metrics").await.expect(200).text;
        assert!(counted(&metrics, "telemetry_spans_dropped_total") >= 10_000 - 2048 - 512, "{metrics}");
        sample.running.stop().await;
        let began = Instant::now();
        telemetry.finish().await;
        assert!(began.elapsed() < Duration::from_secs(2), "{endpoint}: the end waits");
    }
}

#[tokio::test]
async fn a_collector_that_was_busy_gets_everything_in_the_end() {
    let collector = Collector::start();
    collector.refuse(503);
    let telemetry = exporting(collector.url());
    let names: Vec<_> = (0..700).map(|number| number.to_string()).collect();
    for name in &names {
        drop(telemetry.tracer().span(Kind::Server, name.clone(), None));
    }
    let refused = async {
        while collector.requests() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), refused).await.unwrap();
    collector.refuse(0);
    let spans = collector.until(|spans| (spans.len() >= names.len()).then(|| spans.to_vec())).await;
    let seen: Vec<_> = spans.into_iter().map(|span| span.name).collect();
    assert_eq!(seen, names, "each once, in order");
    assert_eq!(collector.requests(), 3, "one refused, the same again, and the rest");
    telemetry.finish().await;
}

#[tokio::test]
async fn trouble_is_told_once() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let (log, collector) = (Log::default(), Collector::start());
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    // Of this thread, on which everything here runs.
    let _guard = tracing::subscriber::set_default(subscriber);
    collector.refuse(400);
    let telemetry = exporting(collector.url());
    for _ in 0..2000 {
        drop(telemetry.tracer().span(Kind::Server, "unwanted", None));
    }
    telemetry.finish().await;
    assert!(collector.requests() >= 3, "several batches are refused");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("the collector does not take spans").count(), 1, "{log}");
    assert!(log.contains("it answers 400"), "{log}");
}

fn counted(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}
