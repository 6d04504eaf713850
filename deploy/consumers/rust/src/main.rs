//! A service on axum that lets in whoever has a good access token: all it needs is the `verifier` crate.
//!
//! It reads `ISSUER`, `JWKS_URL`, `AUDIENCE`, `LISTEN`, and for how long keys are kept (`settings`). `consumer-rust healthcheck`
//! asks a running one how it is. What you would copy is `whoami`, whose signature says who is let in, and `serve`.

mod healthcheck;
mod settings;

use std::{error::Error, future::IntoFuture, process::ExitCode, sync::Arc, time::Duration};

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::Notify,
    time::timeout,
};
use tracing_subscriber::EnvFilter;
use verifier::{
    Verifier,
    access::{Caller, scope},
};

use crate::settings::Settings;

const SERVICE: &str = "consumer-rust";
/// For how long requests that have begun may go on after SIGTERM.
const DRAIN: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some("healthcheck") => healthcheck::run().await,
        _ => serve().await,
    };
    done.map_or_else(
        |error| {
            eprintln!("{SERVICE}: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

async fn serve() -> Result<(), Box<dyn Error>> {
    // Why a token was refused is for the log and nobody else.
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("info,verifier=debug")).init();
    let settings = Settings::from_environment()?;
    let verifier = Verifier::builder(settings.trust).limits(settings.limits).build()?;
    let refresh = verifier.clone();
    tokio::spawn(async move { refresh.run().await });

    let listener = TcpListener::bind(&settings.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let ending = Arc::new(Notify::new());
    let drain = Arc::clone(&ending);
    let served = tokio::spawn(
        axum::serve(listener, routes(verifier))
            .with_graceful_shutdown(async move { drain.notified().await })
            .into_future(),
    );
    tokio::select! { _ = terminate.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
    ending.notify_one();
    Ok(timeout(DRAIN, served).await???)
}

fn routes(verifier: Verifier) -> Router {
    Router::new()
        .route("/", get(async || Json(json!({ "service": SERVICE }))))
        .route("/livez", get(async || Json(json!({ "status": "alive" }))))
        .route("/whoami", get(whoami))
        .with_state(verifier)
}

async fn whoami(caller: Caller<scope::Profile>) -> Json<Value> {
    Json(json!({ "sub": caller.subject, "scope": caller.scope, "roles": caller.roles, "service": SERVICE }))
}
