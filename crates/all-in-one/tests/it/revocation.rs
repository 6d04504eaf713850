//! What was revoked at the auth service is refused by the others, within a second.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::Client;

use crate::{
    people::{self, text},
    signet::Signet,
};

/// A route of each service that needs no more than a token.
const ROUTES: [&str; 3] = ["/users/me", "/appointments", "/payments"];
const PROMISE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_session_that_ended_is_refused_by_every_service_within_a_second() {
    let mut signet = Signet::start(&[]);
    let client = signet.client();
    let all_heard = async {
        while client.get("/readyz").await.expect(200).json()["reasons"] != json!({}) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all_heard).await.expect("every service follows the feed");

    let registered = people::register(&client, "ada@example.org").await;
    let token = text(&people::log_in(&client, "ada@example.org").await.expect(200).json(), "access_token");
    let (ada, phone) = (client.with_token(&text(&registered, "access_token")), client.with_token(&token));
    for route in ROUTES {
        phone.get(route).await.expect(200);
    }
    let began = Instant::now();
    phone.post("/auth/logout", json!({})).await.expect(204);
    for route in ROUTES {
        refused(&phone, route, began).await;
        ada.get(route).await.expect(200);
    }

    // Services that begin later are told of it too.
    assert!(signet.process.interrupt().success());
    let signet = signet.start_again();
    let phone = signet.client().with_token(&token);
    for route in ROUTES {
        refused(&phone, route, Instant::now()).await;
    }
}

async fn refused(client: &Client, route: &str, since: Instant) {
    loop {
        let status = client.get(route).await.status;
        assert!(since.elapsed() < PROMISE, "{route} still answers {status}");
        if status == 401 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
