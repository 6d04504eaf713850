//! An auth-service that dies by power cut, again and again, while everybody renews their session: nobody is logged out.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{Client, TestDatabase, each_engine};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    people::{self, PASSWORD, text},
    process::{PATIENCE, Process, free_port},
};

const SESSIONS: usize = 16;
const KEY: &str = "b25seSBmb3IgdGVzdHM6IHRoaXJ0eS10d28gYnl0ZXM=";

struct Service {
    process: Process,
    environment: Vec<(String, String)>,
    url: String,
}

impl Service {
    async fn start(database: &TestDatabase) -> Self {
        let (database, address) = (database.settings(), format!("127.0.0.1:{}", free_port()));
        let settings = [
            ("AUTH_LISTEN", address.as_str()),
            ("AUTH_RPC_LISTEN", "127.0.0.1:0"),
            ("AUTH_ISSUER", "http://issuer.test"),
            ("AUTH_MASTER_KEY", KEY),
            ("AUTH_DATABASE_URL", database.url.expose_secret()),
            ("AUTH_LOGIN_LIMIT_PAIR", "10000/1m burst 10000"),
            ("AUTH_LOGIN_LIMIT_ADDRESS", "10000/1m burst 10000"),
            // Longer than this busy machine takes to start a service.
            ("AUTH_REFRESH_GRACE", "1m"),
        ];
        let environment: Vec<_> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let process = Process::start("auth-service", &[], &environment);
        let service = Self { process, environment, url: format!("http://{address}") };
        service.ready().await;
        service
    }

    async fn cut_the_power(&mut self) {
        self.process.kill();
        self.process = Process::start("auth-service", &[], &self.environment);
        self.ready().await;
    }

    async fn ready(&self) {
        let ready = async {
            while reqwest::get(format!("{}/readyz", self.url)).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, ready).await.is_ok(), "{}", self.process.log());
    }
}

/// A device that keeps its newest token, renews it all the time, and tries again when nobody answers.
async fn renew_until(
    over: Arc<AtomicBool>,
    renewals: Arc<AtomicUsize>,
    url: String,
    mut token: String,
) -> String {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
    while !over.load(Ordering::Relaxed) {
        let request = client.post(format!("{url}/auth/refresh")).json(&json!({ "refresh_token": token }));
        let Ok(answer) = request.send().await else {
            sleep(Duration::from_millis(5)).await;
            continue;
        };
        let status = answer.status();
        match answer.json::<Value>().await {
            Ok(body) if status == 200 => {
                token = text(&body, "refresh_token");
                renewals.fetch_add(1, Ordering::Relaxed);
            }
            Ok(body) => assert_eq!(status, 503, "{body}"),
            // It broke off in the middle of its answer.
            Err(_) => {}
        }
    }
    token
}

each_engine! {
    async fn power_cuts_log_nobody_out(database: TestDatabase) {
        let cuts = if env::var_os("SIGNET_FULL").is_some() { 50 } else { 3 };
        let mut service = Service::start(&database).await;
        let client = Client::new(service.url.clone());
        let body = json!({ "email": "ada@example.org", "name": "Ada", "password": PASSWORD });
        client.post("/auth/register", body).await.expect(201);
        let (over, renewals) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut devices = JoinSet::new();
        for _ in 0..SESSIONS {
            let session = people::log_in(&client, "ada@example.org").await.expect(200).json();
            let token = text(&session, "refresh_token");
            devices.spawn(renew_until(over.clone(), renewals.clone(), service.url.clone(), token));
        }
        for _ in 0..cuts {
            let before = renewals.load(Ordering::Relaxed);
            let storm = async {
                while renewals.load(Ordering::Relaxed) < before + 4 * SESSIONS {
                    sleep(Duration::from_millis(2)).await;
                }
            };
            tokio::time::timeout(PATIENCE, storm).await.expect("sessions are renewed between two cuts");
            service.cut_the_power().await;
        }
        over.store(true, Ordering::Relaxed);
        for token in devices.join_all().await {
            people::refresh(&client, &token).await.expect(200);
        }
    }
}
