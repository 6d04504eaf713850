//! A service with one route for everybody, one for callers with a scope, and one that takes its time.

use std::{sync::Arc, time::Duration};

use actix_web::{
    get, post,
    web::{Data, Json, Path},
};
use chassis::{
    Ambient, Caller, Lifecycle, Shutdown,
    health::Health,
    http::{Description, HttpServer, HttpSettings, Mount, Routes},
    metrics::Metrics,
    trace::Tracer,
    verification_metrics,
};
use identity::scope;
use serde::{Deserialize, Serialize};
use testkit::{Client, Issuer, Running};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use verifier::{Limits, Trust, Verifier};

/// What tokens call it.
pub(crate) const AUDIENCE: &str = "users";

const DESCRIPTION: Description =
    Description { name: "notes-service", title: "Notes", about: "Keeps notes.", problems: &[] };

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

#[utoipa::path(responses((status = 200, body = Note)))]
#[get("/{number}")]
async fn read_note(number: Path<u8>) -> Json<Note> {
    Json(Note { text: format!("note {number}") })
}

#[utoipa::path(request_body = Note, responses((status = 200, body = Note)), security(("bearer" = ["profile"])))]
#[post("")]
async fn write_note(_caller: Caller<scope::Profile>, note: Json<Note>) -> Json<Note> {
    note
}

/// Answers once it is let.
#[utoipa::path(responses((status = 200)))]
#[get("/slow")]
async fn read_slowly(gate: Data<Gate>) -> &'static str {
    gate.entered.add_permits(1);
    gate.leave.acquire().await.unwrap().forget();
    "done"
}

/// Where a slow request waits.
pub(crate) struct Gate {
    /// Has a permit for each request that waits.
    pub(crate) entered: Semaphore,
    /// Needs a permit for each request that may go on.
    pub(crate) leave: Semaphore,
}

/// The service at work.
pub(crate) struct Sample {
    pub(crate) base_url: String,
    pub(crate) client: Client,
    pub(crate) running: Running,
    pub(crate) gate: Data<Gate>,
    pub(crate) health: Health,
    pub(crate) shutdown: Shutdown,
}

pub(crate) async fn start(issuer: &Issuer) -> Sample {
    start_with(issuer, Duration::ZERO).await
}

/// With a notice to load balancers before it ends.
pub(crate) async fn start_with(issuer: &Issuer, drain_notice: Duration) -> Sample {
    serve(issuer.ambient(), issuer, drain_notice).await
}

/// With limits of one's own to what the verifier does.
pub(crate) async fn limited(issuer: &Issuer, limits: &Limits) -> Sample {
    let (ambient, trust) = (issuer.ambient(), issuer.trust());
    let verifier = Verifier::builder(Trust::new(trust.issuer, AUDIENCE, trust.jwks_url));
    let verifier = verifier.clock(ambient.clock.clone()).entropy(ambient.entropy.clone()).limits(*limits);
    run(ambient, verifier.build().unwrap(), Duration::ZERO).await
}

/// With spans.
pub(crate) async fn traced(issuer: &Issuer, tracer: Tracer) -> Sample {
    serve(Ambient { tracer, ..issuer.ambient() }, issuer, Duration::ZERO).await
}

async fn serve(ambient: Ambient, issuer: &Issuer, drain_notice: Duration) -> Sample {
    let verifier = issuer.trust().verifier(AUDIENCE, &ambient).unwrap();
    run(ambient, verifier, drain_notice).await
}

async fn run(ambient: Ambient, verifier: Verifier, drain_notice: Duration) -> Sample {
    let settings = HttpSettings { instance: "7".to_owned(), drain_notice, ..HttpSettings::ephemeral() };
    let gate = Data::new(Gate { entered: Semaphore::new(0), leave: Semaphore::new(0) });
    let routes = routes(Mount::new(&DESCRIPTION, &settings, verifier.clone()).unwrap(), gate.clone());
    let health = Health::default().with_verifier(AUDIENCE, verifier.clone());
    let metrics = Metrics::default();
    verification_metrics::register(&metrics, DESCRIPTION.name, verifier.clone());
    let server = HttpServer::bind(DESCRIPTION, &settings, &ambient).unwrap();
    let base_url = format!("http://{}", server.address().unwrap());
    let client = Client::new(base_url.clone());
    let (serving, mut own) = (health.clone(), Shutdown::new());
    let running = Running::start(health.clone(), |shutdown| {
        own = shutdown.clone();
        Lifecycle::new(&serving.clone(), server.drain_notice(), shutdown)
            .server(|stop| server.serve(routes, serving, metrics, stop))
            .beside(async move { verifier.run().await })
            .run()
    });
    let running = running.await;
    Sample { base_url, client, running, gate, health, shutdown: own }
}

fn routes(mount: Mount, gate: Data<Gate>) -> Routes {
    Arc::new(move |config| {
        mount.under("/notes", config, |config| {
            config.app_data(gate.clone()).service(read_slowly).service(read_note).service(write_note);
        });
    })
}
