//! Several instances of each service beside one issuer, each a process: everyone verifies by itself.

use std::path::Path;

use serde_json::json;
use testkit::Client;

use crate::{
    people::{self, text},
    process::{Process, free_port},
};

/// A service's process and how to call it.
struct Instance {
    process: Process,
    client: Client,
    base_url: String,
    name: String,
}

/// The path of each service that answers a customer's GET with 200.
const PATHS: [(&str, &str); 3] =
    [("users", "/users/me"), ("appointments", "/appointments"), ("payments", "/payments")];

/// A key for tests, as master key and as secret of clients.
const KEY: &str = "b25seSBmb3IgdGVzdHM6IHRoaXJ0eS10d28gYnl0ZXM=";

impl Instance {
    async fn start(
        service: &str,
        instance: &str,
        folder: &Path,
        issuer: &str,
        own: &[(&str, String)],
    ) -> Self {
        let (prefix, port) = (service.to_uppercase(), free_port());
        let mut environment = vec![
            (format!("{prefix}_LISTEN"), format!("127.0.0.1:{port}")),
            (format!("{prefix}_INSTANCE"), instance.to_owned()),
            (format!("{prefix}_ISSUER"), issuer.to_owned()),
            (
                format!("{prefix}_DATABASE_URL"),
                format!("sqlite:{}", folder.join(service).with_extension("db").display()),
            ),
        ];
        environment.extend(own.iter().map(|(name, value)| (format!("{prefix}_{name}"), value.clone())));
        let process = Process::start(&format!("{service}-service"), &[], &environment);
        let base_url = format!("http://127.0.0.1:{port}");
        let client = Client::new(base_url.clone());
        let this = Self { process, client, base_url, name: format!("{service}-service/{instance}") };
        this.ready(port).await;
        this
    }

    async fn ready(&self, port: u16) {
        let patience = tokio::time::timeout(crate::process::PATIENCE, async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err()
                || self.client.get("/readyz").await.status != 200
            {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        });
        assert!(patience.await.is_ok(), "{} is not ready: {}", self.name, self.process.log());
    }
}

/// How many requests the issuer has answered, apart from those of this test for its metrics.
async fn answered(issuer: &Client) -> f64 {
    let metrics = issuer.get("/metrics").await.expect(200).text;
    let counted = metrics.lines().filter(|line| line.starts_with("http_requests_total"));
    let counted = counted.filter(|line| !line.contains("/metrics") && !line.contains("/readyz"));
    counted.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[tokio::test]
async fn every_instance_verifies_by_itself_even_when_the_issuer_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let issuer_name = "http://issuer.test";
    let own = [("MASTER_KEY", KEY.to_owned()), ("RPC_LISTEN", "127.0.0.1:0".to_owned())];
    let mut issuer = Instance::start("auth", "1", folder.path(), issuer_name, &own).await;
    let jwks_url = format!("{}/.well-known/jwks.json", issuer.base_url);

    let mut instances = Vec::new();
    for (service, path) in PATHS {
        for instance in ["a", "b"] {
            let own: &[(&str, String)] = match service {
                "users" => &[],
                "appointments" => &[
                    ("RPC_LISTEN", format!("127.0.0.1:{}", free_port())),
                    ("PAYMENTS_URL", "http://127.0.0.1:9".to_owned()),
                    ("CLIENT_ID", "appointments-service".to_owned()),
                    ("CLIENT_SECRET", KEY.to_owned()),
                ],
                _ => &[
                    ("RPC_LISTEN", format!("127.0.0.1:{}", free_port())),
                    ("APPOINTMENTS_URL", "http://127.0.0.1:9".to_owned()),
                    ("CLIENT_ID", "payments-service".to_owned()),
                    ("CLIENT_SECRET", KEY.to_owned()),
                ],
            };
            let own: Vec<_> = own.iter().cloned().chain([("JWKS_URL", jwks_url.clone())]).collect();
            instances
                .push((Instance::start(service, instance, folder.path(), issuer_name, &own).await, path));
        }
    }

    let token = text(&people::register(&issuer.client, "ada@example.org").await, "access_token");
    let before = answered(&issuer.client).await;
    spread(&instances, &token, 20).await;
    assert!(answered(&issuer.client).await - before < 0.5, "no request made a service call the issuer");

    issuer.process.kill();
    spread(&instances, &token, 20).await;
    for (instance, path) in &instances {
        instance.client.with_token(&format!("{token}x")).get(path).await.problem(401, "unauthenticated");
        instance.client.get("/readyz").await.expect(200);
    }
    instances[0]
        .0
        .client
        .with_token(&token)
        .patch("/users/me", json!({ "display_name": "Ada" }))
        .await
        .expect(200);
    let seen = instances[1].0.client.with_token(&token).get("/users/me").await.expect(200).json();
    assert_eq!(seen["display_name"], "Ada", "instances share their service's database");
}

/// Sends requests to all instances in turn; each answers itself.
async fn spread(instances: &[(Instance, &str)], token: &str, rounds: usize) {
    for _ in 0..rounds {
        for (instance, path) in instances {
            let answer = instance.client.with_token(token).get(path).await.expect(200);
            assert_eq!(answer.header("x-served-by"), Some(instance.name.as_str()));
        }
    }
}
