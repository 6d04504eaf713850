//! `signet up --demo`

use serde_json::json;
use testkit::Client;

use crate::{people::text, signet::Signet};

/// The password that was printed for somebody.
fn password<'o>(output: &'o str, email: &str) -> &'o str {
    let line = output.lines().find(|line| line.contains(email)).expect("a login");
    line.split_whitespace().last().unwrap()
}

async fn log_in(client: &Client, email: &str, password: &str) -> Client {
    let answer =
        client.post("/auth/login", json!({ "email": email, "password": password })).await.expect(200);
    client.with_token(&text(&answer.json(), "access_token"))
}

#[tokio::test]
async fn the_demo_can_be_booked_at_once_and_is_made_once() {
    let mut signet = Signet::start(&["--demo"]);
    signet.process.wait_for(|output| output.contains("ada@demo.example").then_some(()));
    let (client, output) = (signet.client(), signet.process.output());
    let providers = client.get("/providers").await.expect(200).json();
    assert_eq!(providers["items"].as_array().unwrap().len(), 2);
    let ada = log_in(&client, "ada@demo.example", password(&output, "ada@demo.example")).await;
    assert_eq!(ada.get("/appointments").await.expect(200).json()["items"], json!([]));
    let grace = log_in(&client, "grace@demo.example", password(&output, "grace@demo.example")).await;
    let offerings = grace.get("/providers/me/offerings").await.expect(200).json();
    assert_eq!(offerings["items"].as_array().unwrap().len(), 2);

    assert!(signet.process.interrupt().success());
    let mut signet = signet.start_again_with(&["--demo"]);
    signet.process.wait_for(|output| output.contains("made by an earlier start").then_some(()));
}
