//! A service on axum. `hello` is called with tokens of `https://auth.example` that grant the scope `profile`, and by nobody else.

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use verifier::{
    Trust, Verifier,
    access::{Caller, scope},
};

async fn hello(caller: Caller<scope::Profile>) -> String {
    format!("You are {}.\n", caller.user_id())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = "https://auth.example/.well-known/jwks.json".parse()?;
    let verifier = Verifier::builder(Trust::new("https://auth.example", "users", keys)).build()?;
    let refresh = verifier.clone();
    tokio::spawn(async move { refresh.run().await });

    let routes = Router::new().route("/hello", get(hello)).with_state(verifier);
    axum::serve(TcpListener::bind("127.0.0.1:8080").await?, routes).await?;
    Ok(())
}
