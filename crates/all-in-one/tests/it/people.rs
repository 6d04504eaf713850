//! People with accounts.

use serde_json::{Value, json};
use testkit::{Client, http::Response};

/// Good enough for anybody here.
pub(crate) const PASSWORD: &str = "correct horse battery staple 9!";

/// Registers somebody who keeps the refresh token out of cookies; the answer.
pub(crate) async fn register(client: &Client, email: &str) -> Value {
    let body = json!({ "email": email, "name": "Ada Lovelace", "password": PASSWORD });
    client.post("/auth/register", body).header("X-Refresh-Transport", "body").await.expect(201).json()
}

/// Logs in without cookies.
pub(crate) async fn log_in(client: &Client, email: &str) -> Response {
    let body = json!({ "email": email, "password": PASSWORD });
    client.post("/auth/login", body).header("X-Refresh-Transport", "body").await
}

/// Presents a refresh token in the body.
pub(crate) async fn refresh(client: &Client, token: &str) -> Response {
    let body = json!({ "refresh_token": token });
    client.post("/auth/refresh", body).header("X-Refresh-Transport", "body").await
}

/// A text member of an answer.
pub(crate) fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_else(|| panic!("{member} in {answer}")).to_owned()
}
