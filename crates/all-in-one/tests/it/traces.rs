//! What a collector is told of a booking, a payment and a cancellation by services that are processes of their own.

use std::{collections::HashMap, fmt::Write, path::Path};

use serde_json::json;
use testkit::{Client, Collector, ReceivedSpan};

use crate::{
    people::{self, PASSWORD, text},
    process::{PATIENCE, Process, free_port, program_path},
};

/// A key for tests, as master key and as secret of clients.
const KEY: &str = "b25seSBmb3IgdGVzdHM6IHRoaXJ0eS10d28gYnl0ZXM=";
const ISSUER: &str = "http://issuer.test";
const CARD: &str = "4242424242424242";

/// The four services, each a process that exports to the same collector.
struct Stack {
    auth: Client,
    appointments: Client,
    payments: Client,
    processes: Vec<Process>,
}

impl Stack {
    async fn start(folder: &Path, collector: &Collector) -> Self {
        let ports: HashMap<_, _> = ["auth", "users", "appointments", "payments"]
            .into_iter()
            .map(|name| (name, free_port()))
            .collect();
        let (appointments_rpc, payments_rpc) = (free_port(), free_port());
        let at = |port: u16| format!("127.0.0.1:{port}");
        let trusts = vec![("JWKS_URL", format!("http://{}/.well-known/jwks.json", at(ports["auth"])))];
        let own = |service| match service {
            "auth" => vec![("MASTER_KEY", KEY.to_owned()), ("RPC_LISTEN", at(0))],
            "users" => trusts.clone(),
            "appointments" => [
                trusts.clone(),
                vec![
                    ("RPC_LISTEN", at(appointments_rpc)),
                    ("PAYMENTS_URL", format!("http://{}", at(payments_rpc))),
                    ("CLIENT_ID", "appointments-service".to_owned()),
                    ("CLIENT_SECRET", KEY.to_owned()),
                ],
            ]
            .concat(),
            _ => [
                trusts.clone(),
                vec![
                    ("RPC_LISTEN", at(payments_rpc)),
                    ("APPOINTMENTS_URL", format!("http://{}", at(appointments_rpc))),
                    ("CLIENT_ID", "payments-service".to_owned()),
                    ("CLIENT_SECRET", KEY.to_owned()),
                ],
            ]
            .concat(),
        };
        let mut processes = Vec::new();
        for service in ["auth", "users", "appointments", "payments"] {
            let mut own = own(service);
            own.push(("LISTEN", at(ports[service])));
            own.push(("ISSUER", ISSUER.to_owned()));
            own.push(("INSTANCE", format!("{service}-a")));
            own.push(("DATABASE_URL", database(folder, service)));
            let prefix = service.to_uppercase();
            let mut environment: Vec<_> =
                own.into_iter().map(|(name, value)| (format!("{prefix}_{name}"), value)).collect();
            environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), collector.url().to_owned()));
            environment.push(("OTEL_METRICS_EXPORTER".to_owned(), "none".to_owned()));
            // What is logged on the way is not what is exported.
            environment.push(("LOG_FILTER".to_owned(), "debug".to_owned()));
            processes.push(Process::start(&format!("{service}-service"), &[], &environment));
            until_ready(ports[service], processes.last().unwrap()).await;
        }
        let client = |service| Client::new(format!("http://{}", at(ports[service])));
        let (auth, appointments, payments) = (client("auth"), client("appointments"), client("payments"));
        Self { auth, appointments, payments, processes }
    }

    /// Ends all, so that what was not exported yet is.
    fn stop(&mut self) {
        for process in &mut self.processes {
            assert!(process.interrupt().success(), "{}", process.log());
        }
    }
}

fn database(folder: &Path, service: &str) -> String {
    format!("sqlite:{}", folder.join(service).with_extension("db").display())
}

async fn until_ready(port: u16, process: &Process) {
    let client = Client::new(format!("http://127.0.0.1:{port}"));
    let ready = tokio::time::timeout(PATIENCE, async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err()
            || client.get("/readyz").await.status != 200
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    });
    assert!(ready.await.is_ok(), "not ready: {}", process.log());
}

/// What `signet` prints beside the running auth-service.
fn signet(folder: &Path, arguments: &[&str]) -> String {
    let environment = [
        ("SIGNET_DATA_DIR", folder.join("signet").display().to_string()),
        ("AUTH_DATABASE_URL", database(folder, "auth")),
        ("AUTH_MASTER_KEY", KEY.to_owned()),
        ("AUTH_ISSUER", ISSUER.to_owned()),
    ];
    let mut signet = std::process::Command::new(program_path("signet"));
    let asked = signet.args(arguments).env_clear().envs(environment).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    String::from_utf8(asked.stdout).unwrap()
}

/// What makes the first administrator.
fn admin_secret(folder: &Path) -> String {
    let link = signet(folder, &["admin", "link"]);
    link.split_once('#').unwrap().1.trim().to_owned()
}

/// Has the issuer know the two services that call each other.
fn register_clients(folder: &Path) {
    let file = folder.join("client.key");
    std::fs::write(&file, KEY).unwrap();
    let ensure = ["clients", "ensure", "--secret-file", file.to_str().unwrap()];
    let appointments = ["--audience", "payments", "--service", "appointments", "--acts-at", "payments"];
    let appointments = [&["appointments-service", "--scope", "payments:release"], &appointments[..]].concat();
    let payments = ["payments-service", "--scope", "appointments:report", "--audience", "appointments"];
    for client in [&appointments[..], &payments] {
        signet(folder, &[&ensure, client].concat());
    }
}

/// Makes an administrator, a provider and something to book for 45 euros; the offering and its provider.
async fn open_for_business(stack: &Stack, folder: &Path) -> (String, String) {
    register_clients(folder);
    let secret = admin_secret(folder);
    let admin =
        json!({ "secret": secret, "email": "root@example.org", "name": "Root", "password": PASSWORD });
    stack.auth.post("/auth/admin/claim", &admin).await.expect(201);
    let admin = people::log_in(&stack.auth, "root@example.org").await.expect(200).json();
    let registered = people::register(&stack.auth, "grace@example.org").await;
    let id = text(&registered["user"], "id");
    let roles = json!({ "roles": ["customer", "provider"] });
    let admin = stack.auth.with_token(&text(&admin, "access_token"));
    admin.put(&format!("/auth/admin/users/{id}/roles"), roles).await.expect(200);
    let grace = people::log_in(&stack.auth, "grace@example.org").await.expect(200).json();
    let grace = stack.appointments.with_token(&text(&grace, "access_token"));
    (people::offer_a_check_up(&grace, 0, 100).await, id)
}

/// The context with which the outermost caller begins the trace that ends with this digit.
fn begun(digit: char) -> String {
    format!("00-{}-{}-01", trace(digit), "b7".repeat(8))
}

fn trace(digit: char) -> String {
    format!("4bf92f3577b34da6a3ce929d0e0e473{digit}")
}

/// The spans of a trace as an indented list, if it has so many.
fn tree(spans: &[ReceivedSpan], trace: &str, count: usize) -> Option<String> {
    fn below(spans: &[&ReceivedSpan], parent: &str, depth: usize, text: &mut String) {
        for span in spans.iter().filter(|span| span.parent_id == parent) {
            let (service, kind) = (&span.resource["service.name"], format!("{:?}", span.kind).to_lowercase());
            let indent = depth * 2;
            let _ = writeln!(text, "{:indent$}{service} {kind} {}", "", span.name);
            below(spans, &span.span_id, depth + 1, text);
        }
    }
    let spans: Vec<_> = spans.iter().filter(|span| span.trace_id == trace).collect();
    let mut text = String::new();
    below(&spans, &"b7".repeat(8), 0, &mut text);
    (spans.len() >= count).then_some(text)
}

#[tokio::test]
async fn one_trace_leads_through_all_services_and_holds_no_secret() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start());
    let mut stack = Stack::start(folder.path(), &collector).await;
    let (offering, provider) = open_for_business(&stack, folder.path()).await;

    let ada = json!({ "email": "ada@example.org", "name": "Ada Lovelace", "password": PASSWORD });
    let registered =
        stack.auth.post("/auth/register", &ada).header("traceparent", &begun('0')).await.expect(201);
    let cookie = registered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    stack.auth.post_empty("/auth/refresh").header("cookie", &cookie).await.expect(200);
    let token = text(&registered.json(), "access_token");

    let customer = stack.appointments.with_token(&token);
    let slots = customer.get(&format!("/providers/{provider}/slots?offering={offering}")).await.expect(200);
    // Not the first, which may begin any moment.
    let slot = slots.json()["slots"][2]["starts_at"].clone();
    let booking = json!({ "offering_id": offering, "starts_at": slot });
    let booked = customer.post("/appointments", booking).header("traceparent", &begun('1')).await.expect(201);
    assert_eq!(booked.header("x-request-id"), Some(trace('1').as_str()));
    let booked = booked.json();
    let (appointment, payment) = (text(&booked, "id"), text(&booked, "payment_id"));

    let payments = stack.payments.with_token(&token);
    let confirm = payments.post(&format!("/payments/{payment}/confirm"), json!({ "card_number": CARD }));
    confirm.header("Idempotency-Key", "once").header("traceparent", &begun('2')).await.expect(200);
    let paid = collector.until(|spans| tree(spans, &trace('2'), 5)).await;
    let cancel = customer.post_empty(&format!("/appointments/{appointment}/cancel"));
    cancel.header("traceparent", &begun('3')).await.expect(200);
    let cancelled = collector.until(|spans| tree(spans, &trace('3'), 7)).await;
    stack.stop();

    let spans = collector.spans();
    let whole = |digit| tree(&spans, &trace(digit), 0).unwrap();
    assert_eq!(whole('0'), "auth-service server POST /auth/register\n");
    assert_eq!(
        whole('1'),
        "appointments-service server POST /appointments\n  \
           appointments-service client POST /oauth2/token\n    \
             auth-service server POST /oauth2/token\n  \
           appointments-service client signet.payments.v1.Intents/Create\n    \
             payments-service server signet.payments.v1.Intents/Create\n"
    );
    assert_eq!(
        paid,
        "payments-service server POST /payments/{id}/confirm\n  \
           payments-service producer enqueue payment_outcome\n    \
             payments-service consumer deliver payment_outcome\n      \
               payments-service client signet.appointments.v1.PaymentOutcomes/Report\n        \
                 appointments-service server signet.appointments.v1.PaymentOutcomes/Report\n"
    );
    assert_eq!(
        cancelled,
        "appointments-service server POST /appointments/{id}/cancel\n  \
           appointments-service producer enqueue release\n    \
             appointments-service consumer deliver release\n      \
               appointments-service client signet.payments.v1.Releases/Release\n        \
                 payments-service server signet.payments.v1.Releases/Release\n          \
                   payments-service producer enqueue refund\n            \
                     payments-service consumer deliver refund\n"
    );
    tells_what_it_should(&spans, &appointment, &payment);

    let (refresh, signature) = (cookie.split_once('=').unwrap().1, token.rsplit('.').next().unwrap());
    holds_none_of(&collector, &[PASSWORD, "example.org", "Lovelace", &token, signature, refresh, CARD, KEY]);
}

fn holds_none_of(collector: &Collector, canaries: &[&str]) {
    let bytes = collector.bytes();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("POST /appointments"), "what is exported can be read");
    for canary in canaries {
        assert!(!holds(canary), "a span holds {canary:?}");
    }
    assert!(!holds("?offering"), "a span holds a query");
}

fn tells_what_it_should(spans: &[ReceivedSpan], appointment: &str, payment: &str) {
    let find = |name: &str, kind: &str| {
        let found = spans.iter().find(|span| span.name == name && format!("{:?}", span.kind) == kind);
        &found.unwrap_or_else(|| panic!("{name}")).attributes
    };
    let report = find("signet.appointments.v1.PaymentOutcomes/Report", "Server");
    assert_eq!(report["signet.appointment.id"], appointment);
    assert_eq!((&*report["rpc.system"], &*report["rpc.grpc.status_code"]), ("grpc", "0"));
    assert_eq!(report["rpc.service"], "signet.appointments.v1.PaymentOutcomes");
    assert_eq!(report["rpc.method"], "Report");
    assert_eq!(find("POST /payments/{id}/confirm", "Server")["signet.payment.id"], payment);
    let delivered = find("deliver payment_outcome", "Consumer");
    assert_eq!(delivered["messaging.destination.name"], "payment_outcome");
    assert_eq!(
        delivered["messaging.message.id"],
        find("enqueue payment_outcome", "Producer")["messaging.message.id"]
    );
    assert!(spans.iter().all(|span| !span.failed), "nothing failed: {spans:#?}");
    for service in ["auth", "users", "appointments", "payments"] {
        let own = spans.iter().find(|span| span.resource["service.name"] == format!("{service}-service"));
        // Nobody has asked the users' service anything.
        match own {
            Some(span) => assert_eq!(span.resource["service.instance.id"], format!("{service}-a")),
            None => assert_eq!(service, "users"),
        }
    }
}
