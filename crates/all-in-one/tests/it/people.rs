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

/// Opens a provider's doors at all hours, for something of 45 euros that may be cancelled like this; its id.
pub(crate) async fn offer_a_check_up(
    provider: &Client,
    free_until_hours: u32,
    late_refund_percent: u32,
) -> String {
    let about = json!({
        "name": "Grace", "time_zone": "Europe/Berlin",
        "cancellation": { "free_until_hours": free_until_hours, "late_refund_percent": late_refund_percent },
    });
    provider.put("/providers/me", about).await.expect(200);
    let open = json!([{ "from": "00:00", "until": "24:00" }]);
    let week: Value = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        .map(|day| (day.to_owned(), open.clone()))
        .into_iter()
        .collect();
    provider.put("/providers/me/opening-hours", week).await.expect(200);
    let offering = json!({ "name": "Check-up", "minutes": 30, "price_minor": 4500, "currency": "EUR" });
    let offering = provider.post("/providers/me/offerings", offering).await.expect(201).json();
    text(&offering, "id")
}

/// A text member of an answer.
pub(crate) fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_else(|| panic!("{member} in {answer}")).to_owned()
}
