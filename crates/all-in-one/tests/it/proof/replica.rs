//! A replica of a service that is not the issuer.
//!
//! Whatever it says to anybody it says through proxies of its own, one for each whom it knows: so that it can be counted
//! and cut. Each reaches the issuer's replicas in an order of its own and goes on to the next when one is gone, as
//! behind a load balancer.

use std::fs;

use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;
use testkit::{Client, TestDatabase, http::Request, proxy::Proxy};

use super::{
    door::Door,
    fleet::{Environment, ISSUER, Issuer, KEY},
};
use crate::process::{Process, free_port};

/// A replica of another service.
pub(crate) struct Replica {
    pub(crate) door: Door,
    pub(crate) database: Proxy,
    pub(crate) keys: Proxy,
    pub(crate) feed: Proxy,
    service: &'static str,
    environment: Environment,
    process: Process,
    /// What it keeps of the issuer's keys and revocations.
    folder: TempDir,
}

impl Replica {
    pub(crate) async fn start(
        service: &'static str,
        instance: usize,
        place: usize,
        issuers: &[Issuer],
        database: &TestDatabase,
    ) -> Self {
        let mut order: Vec<_> = issuers.iter().collect();
        order.rotate_left(place % issuers.len());
        let (database, connection) = Proxy::before(&database.settings()).await;
        let keys = Proxy::start(order.iter().map(|issuer| issuer.http).collect()).await;
        let feed = Proxy::start(order.iter().map(|issuer| issuer.rpc).collect()).await;
        let folder = tempfile::tempdir().unwrap();
        let listen = format!("127.0.0.1:{}", free_port());
        let (question, own): (fn(&Client) -> Request, &[&str]) = match service {
            "users" => (|client| client.get("/users"), &[]),
            "appointments" => {
                (|client| client.get("/providers/me/offerings"), &["PAYMENTS_URL", "RPC_LISTEN"])
            }
            _ => (
                |client| client.post("/payments/018f0000-0000-7000-8000-000000000000/refund", json!({})),
                &["APPOINTMENTS_URL", "RPC_LISTEN"],
            ),
        };
        let prefix = service.to_uppercase();
        let common = [
            ("LISTEN", listen.clone()),
            ("INSTANCE", instance.to_string()),
            ("ISSUER", ISSUER.to_owned()),
            ("JWKS_URL", format!("http://{}/.well-known/jwks.json", keys.address())),
            ("FEED_URL", format!("http://{}", feed.address())),
            ("KEYS_DIR", folder.path().display().to_string()),
            ("CLIENT_ID", "services".to_owned()),
            ("CLIENT_SECRET", KEY.to_owned()),
            ("DATABASE_URL", connection.url.expose_secret().to_owned()),
        ];
        let own = own.iter().map(|name| match name.rsplit('_').next() {
            Some("URL") => (*name, "http://127.0.0.1:9".to_owned()),
            _ => (*name, format!("127.0.0.1:{}", free_port())),
        });
        let mut environment: Environment =
            common.into_iter().chain(own).map(|(name, value)| (format!("{prefix}_{name}"), value)).collect();
        environment.push(("LOG_FILTER".to_owned(), "warn".to_owned()));
        let process = run(service, &environment);
        let client = Client::new(format!("http://{listen}"));
        let door = Door { name: format!("{service} at {listen}"), client, question, lets_in: 403 };
        Self { door, database, keys, feed, service, environment, process, folder }
    }

    /// Whether it has this key of the issuer: what it fetches it writes down.
    pub(crate) fn knows(&self, kid: &str) -> bool {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        files.filter_map(|path| fs::read(path).ok()).any(|file| String::from_utf8_lossy(&file).contains(kid))
    }

    /// Ends it as a power cut does and starts it again; returns once it serves, whatever it complains of.
    pub(crate) async fn restart(&mut self) {
        self.process.kill();
        self.process = run(self.service, &self.environment);
        self.door.listening().await;
    }
}

fn run(service: &str, environment: &Environment) -> Process {
    Process::start(&format!("{service}-service"), &[], environment)
}
