//! [`CallerLayer`] around routes of axum, over TCP. `tonic` has it around a gRPC server.

use axum::{Extension, Router, routing::get};
use verifier::{
    Verifier,
    access::{Caller, CallerLayer, role, scope},
};

use crate::{access, axum::listen, support::World};

async fn profile(Extension(caller): Extension<Caller<scope::Profile>>) -> String {
    caller.user_id().to_string()
}

async fn admin(Extension(caller): Extension<Caller<role::Admin>>) -> String {
    caller.user_id().to_string()
}

async fn serve(verifier: Verifier) -> String {
    let profile = get(profile).layer(CallerLayer::<scope::Profile>::new(verifier.clone()));
    let admin = Router::new().route("/admin", get(admin)).layer(CallerLayer::<role::Admin>::new(verifier));
    listen(admin.route("/profile", profile)).await
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

#[tokio::test]
async fn calls_of_grpc_are_answered_in_trailers() {
    let world = World::new().await;
    let base = serve(world.verifier.clone()).await;
    let request =
        reqwest::Client::new().get(format!("{base}/profile")).header("content-type", "application/grpc");
    let response = request.send().await.unwrap();
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!((response.status().as_u16(), header("content-type")), (200, Some("application/grpc")));
    assert_eq!((header("grpc-status"), header("grpc-message")), (Some("16"), Some("unauthenticated")));
    assert_eq!(header("www-authenticate"), None);
    assert_eq!(response.text().await.unwrap(), "");
}
