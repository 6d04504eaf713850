//! One customer's way through the whole system.

use serde_json::{Value, json};
use testkit::{Client, http::Response};

use crate::{
    people::{self, PASSWORD, text},
    signet::Signet,
};

pub(crate) const PAYS: &str = "4242424242424242";
pub(crate) const IS_DECLINED: &str = "4000000000000002";

#[tokio::test]
async fn register_book_pay_refresh_reuse_log_out() {
    let signet = Signet::start(&[]);
    let client = signet.client();
    let (provider, offering) = open_for_business(&client, &signet.admin_secret()).await;

    let registered = people::register(&client, "ada@example.org").await;
    assert_eq!(registered["user"]["roles"], json!(["customer"]));
    let logged_in = people::log_in(&client, "ada@example.org").await.expect(200).json();
    let ada = client.with_token(&text(&logged_in, "access_token"));
    assert_eq!(ada.get("/users/me").await.expect(200).json()["id"], registered["user"]["id"]);

    let slots =
        client.get(&format!("/providers/{provider}/slots?offering={offering}")).await.expect(200).json();
    let slot = slots["slots"][0]["starts_at"].clone();
    let booking = json!({ "offering_id": offering, "starts_at": slot });
    let booked = ada.post("/appointments", &booking).await.expect(201).json();
    assert_eq!((&booked["status"], &booked["price_minor"]), (&json!("pending_payment"), &json!(4500)));
    ada.post("/appointments", &booking).await.problem(409, "slot_taken");

    let payment = text(&booked, "payment_id");
    pay(&ada, &payment, "first card", IS_DECLINED).await.problem(402, "card_declined");
    let paid = pay(&ada, &payment, "second card", PAYS).await.expect(200);
    assert_eq!(paid.json()["status"], "succeeded");
    assert_eq!(pay(&ada, &payment, "second card", PAYS).await.expect(200).text, paid.text, "paid once");
    confirmed(&ada, &text(&booked, "id")).await;

    somebody_else_sees_nothing(&client, &booked).await;
    refresh_and_reuse(&client, &text(&logged_in, "refresh_token")).await;
    log_out(&client).await;
}

/// Makes an administrator, a provider and something to book for 45 euros; who and what it is.
pub(crate) async fn open_for_business(client: &Client, secret: &str) -> (String, String) {
    let admin =
        json!({ "secret": secret, "email": "root@example.org", "name": "Root", "password": PASSWORD });
    client.post("/auth/admin/claim", &admin).await.expect(201);
    client.post("/auth/admin/claim", &admin).await.problem(403, "admin_link_invalid");
    let admin = people::log_in(client, "root@example.org").await.expect(200).json();
    let admin = client.with_token(&text(&admin, "access_token"));

    let registered = people::register(client, "grace@example.org").await;
    let id = text(&registered["user"], "id");
    let before = client.with_token(&text(&registered, "access_token"));
    before.put("/providers/me", json!({})).await.problem(403, "insufficient_scope");
    let roles = json!({ "roles": ["customer", "provider"] });
    admin.put(&format!("/auth/admin/users/{id}/roles"), roles).await.expect(200);

    let grace = people::log_in(client, "grace@example.org").await.expect(200).json();
    let grace = client.with_token(&text(&grace, "access_token"));
    (id, people::offer_a_check_up(&grace, 24, 50).await)
}

pub(crate) async fn pay(client: &Client, payment: &str, key: &str, card: &str) -> Response {
    let body = json!({ "card_number": card });
    client.post(&format!("/payments/{payment}/confirm"), body).header("Idempotency-Key", key).await
}

/// The payment reaches the appointment by message, so a moment later.
async fn confirmed(client: &Client, appointment: &str) {
    let confirmed = async {
        while client.get(&format!("/appointments/{appointment}")).await.expect(200).json()["status"]
            != "confirmed"
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(crate::process::PATIENCE, confirmed)
        .await
        .expect("the payment confirms the appointment");
}

async fn somebody_else_sees_nothing(client: &Client, booked: &Value) {
    let eve = people::register(client, "eve@example.org").await;
    let eve = client.with_token(&text(&eve, "access_token"));
    let (appointment, payment) = (text(booked, "id"), text(booked, "payment_id"));
    eve.get(&format!("/appointments/{appointment}")).await.problem(404, "not_found");
    eve.post_empty(&format!("/appointments/{appointment}/cancel")).await.problem(404, "not_found");
    eve.get(&format!("/payments/{payment}")).await.problem(404, "not_found");
    pay(&eve, &payment, "eve", PAYS).await.problem(404, "not_found");
}

/// Over the body: a lost answer converges, an old token ends its session.
async fn refresh_and_reuse(client: &Client, first: &str) {
    let second = text(&people::refresh(client, first).await.expect(200).json(), "refresh_token");
    let again = text(&people::refresh(client, first).await.expect(200).json(), "refresh_token");
    assert_eq!(second, again, "a repeated refresh earns the same successor");
    let third = text(&people::refresh(client, &second).await.expect(200).json(), "refresh_token");
    people::refresh(client, first).await.problem(401, "refresh_token_reused");
    for token in [first, &second, &third] {
        assert_eq!(people::refresh(client, token).await.status, 401, "everything of that session is refused");
    }
}

/// Over the cookie.
async fn log_out(client: &Client) {
    let login = json!({ "email": "ada@example.org", "password": PASSWORD });
    let logged_in = client.post("/auth/login", login).await.expect(200);
    let set_cookie = logged_in.header("set-cookie").expect("a cookie").to_owned();
    for attribute in ["refresh_token=", "HttpOnly", "SameSite=Strict", "Path=/auth/refresh"] {
        assert!(set_cookie.contains(attribute), "{attribute} in {set_cookie}");
    }
    assert!(logged_in.json().get("refresh_token").is_none(), "not in the body as well");
    let cookie = set_cookie.split(';').next().unwrap().to_owned();
    let foreign =
        client.post_empty("/auth/refresh").header("cookie", &cookie).header("origin", "https://evil.example");
    foreign.await.problem(403, "foreign_origin");
    let refreshed = client.post_empty("/auth/refresh").header("cookie", &cookie).await.expect(200);
    let cookie = refreshed.header("set-cookie").expect("a cookie").split(';').next().unwrap().to_owned();

    let session = client.with_token(&text(&refreshed.json(), "access_token"));
    let sessions = session.get("/auth/sessions").await.expect(200).json();
    assert!(
        sessions["items"].as_array().unwrap().iter().any(|session| session["current"] == true),
        "{sessions}"
    );
    session.post_empty("/auth/logout").await.expect(204);
    assert_eq!(client.post_empty("/auth/refresh").header("cookie", &cookie).await.status, 401);
}
