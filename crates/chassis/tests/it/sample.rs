//! A service with one route for everybody, one for callers with a scope, and one that takes its time.

use std::sync::Arc;

use actix_web::{
    get, post,
    web::{Data, Json, Path},
};
use chassis::{
    Caller, Shutdown,
    health::Health,
    http::{Description, HttpServer, HttpSettings, Mount, Routes},
    metrics::Metrics,
    verification_metrics,
};
use identity::scope;
use serde::{Deserialize, Serialize};
use testkit::{Client, Issuer, Running};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use verifier::Verifier;

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
}

pub(crate) async fn start(issuer: &Issuer) -> Sample {
    let ambient = issuer.ambient();
    let settings = HttpSettings { instance: "7".to_owned(), ..HttpSettings::ephemeral() };
    let verifier = issuer.trust().verifier("users", &ambient).unwrap();
    let gate = Data::new(Gate { entered: Semaphore::new(0), leave: Semaphore::new(0) });
    let routes = routes(Mount::new(&DESCRIPTION, &settings, verifier.clone()).unwrap(), gate.clone());
    let health = Health::default().with_verifier("users", verifier.clone());
    let metrics = Metrics::default();
    verification_metrics::register(&metrics, DESCRIPTION.name, verifier.clone());
    let server = HttpServer::bind(DESCRIPTION, &settings, &ambient).unwrap();
    let base_url = format!("http://{}", server.address().unwrap());
    let client = Client::new(base_url.clone());
    let serving = health.clone();
    let running =
        Running::start(health.clone(), |shutdown| run(server, routes, serving, metrics, verifier, shutdown))
            .await;
    Sample { base_url, client, running, gate, health }
}

async fn run(
    server: HttpServer,
    routes: Routes,
    health: Health,
    metrics: Metrics,
    verifier: Verifier,
    shutdown: Shutdown,
) -> std::io::Result<()> {
    tokio::select! {
        ended = server.serve(routes, health, metrics, shutdown) => ended,
        () = verifier.run() => unreachable!("it runs until it is dropped"),
    }
}

fn routes(mount: Mount, gate: Data<Gate>) -> Routes {
    Arc::new(move |config| {
        mount.under("/notes", config, |config| {
            config.app_data(gate.clone()).service(read_slowly).service(read_note).service(write_note);
        });
    })
}
