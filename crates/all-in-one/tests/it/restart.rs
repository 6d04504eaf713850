//! What a restart must not change.

use crate::{
    people::{self, text},
    signet::Signet,
};

#[tokio::test]
async fn sessions_and_keys_survive_a_restart_and_a_crash() {
    let mut signet = Signet::start(&[]);
    let registered = people::register(&signet.client(), "ada@example.org").await;
    let keys = signet.client().get("/.well-known/jwks.json").await.expect(200).json();
    let first = signet.process.interrupt();
    assert!(first.success(), "Ctrl-C is a clean end, not {first}");

    let mut signet = signet.start_again();
    let client = signet.client();
    assert_eq!(client.get("/.well-known/jwks.json").await.expect(200).json(), keys);
    client.with_token(&text(&registered, "access_token")).get("/users/me").await.expect(200);
    let refreshed = people::refresh(&client, &text(&registered, "refresh_token")).await.expect(200).json();

    signet.process.kill();
    let signet = signet.start_again();
    people::refresh(&signet.client(), &text(&refreshed, "refresh_token")).await.expect(200);
    people::log_in(&signet.client(), "ada@example.org").await.expect(200);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let signet = Signet::start(&[]);
    let second = std::process::Command::new(crate::process::program_path("signet"))
        .env_clear()
        .envs(signet.environment.iter().cloned())
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        said.contains("cannot listen on") && said.contains(&signet.base_url["http://".len()..]),
        "{said}"
    );
}
