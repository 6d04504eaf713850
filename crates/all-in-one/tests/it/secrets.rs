//! What must stay out of logs, files and arguments.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;

use crate::{
    people::{self, PASSWORD, text},
    signet::Signet,
};

#[tokio::test]
async fn logs_hold_no_secret_token_or_address() {
    let mut signet = Signet::start(&[]);
    let client = signet.client();
    let registered = people::register(&client, "canary-address@example.org").await;
    let (access, refresh) = (text(&registered, "access_token"), text(&registered, "refresh_token"));
    client.with_token(&access).get("/users/me").await.expect(200);
    let tampered = format!("{access}x");
    client.with_token(&tampered).get("/users/me").await.expect(401);
    people::refresh(&client, &refresh).await.expect(200);
    let wrong = json!({ "email": "canary-address@example.org", "password": "canary-wrong-password-1" });
    client.post("/auth/login", wrong).await.expect(401);
    client.post("/auth/refresh", json!({ "refresh_token": "canary-garbage-token" })).await.expect(401);
    let secret = signet.admin_secret();
    assert!(signet.process.interrupt().success());

    let log = signet.process.log();
    assert!(log.contains("answered"), "requests are logged:\n{log}");
    let master = fs::read_to_string(signet.folder().join("master.key")).unwrap();
    let client = fs::read_to_string(signet.folder().join("users-client.key")).unwrap();
    let acting = fs::read_to_string(signet.folder().join("appointments-client.key")).unwrap();
    let signature = access.rsplit('.').next().unwrap();
    for canary in
        [&secret, &access, signature, &refresh, &master, &client, &acting, PASSWORD, "canary-", "PRIVATE KEY"]
    {
        assert!(!log.contains(canary), "the log holds {canary:?}");
    }
}

#[tokio::test]
async fn the_data_folder_is_its_owners_alone() {
    let mut signet = Signet::start(&[]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&signet.folder().join("master.key")), 0o600);
    assert!(signet.process.interrupt().success());
}
