//! [`Caller`] as an extractor of axum, over TCP.

use axum::{Router, extract::FromRef, routing::get};
use tokio::net::TcpListener;
use verifier::{
    Verifier,
    access::{Caller, role, scope},
};

use crate::access;

/// A state that is more than a verifier.
#[derive(Clone)]
struct Service {
    verifier: Verifier,
}

impl FromRef<Service> for Verifier {
    fn from_ref(service: &Service) -> Self {
        service.verifier.clone()
    }
}

async fn profile(caller: Caller<scope::Profile>) -> String {
    caller.user_id().to_string()
}

async fn admin(caller: Caller<role::Admin>) -> String {
    caller.user_id().to_string()
}

async fn serve(verifier: Verifier) -> String {
    let routes = Router::new().route("/profile", get(profile)).route("/admin", get(admin));
    listen(routes.with_state(Service { verifier })).await
}

/// Serves `routes` on a free port until the test is over.
pub(crate) async fn listen(routes: Router) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

#[tokio::test]
async fn good_tokens_are_let_in() {
    access::lets_in(serve).await;
}

#[tokio::test]
async fn others_are_told_what_is_missing() {
    access::keeps_out(serve).await;
}

#[tokio::test]
async fn without_keys_nothing_can_be_judged() {
    access::needs_keys(serve).await;
}
