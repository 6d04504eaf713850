//! The wiring, all of it: what the service is made of, how it runs and how it ends.

use std::{io, net::SocketAddr, sync::Arc};

use chassis::{
    Ambient, Lifecycle, Shutdown,
    client::{IssuerClient, OwnToken},
    database::{Database, Migrations},
    health::Health,
    http::{Description, HttpServer, Mount, Routes},
    metrics::Metrics,
    outbox::{Dispatcher, OutboxMetrics, Wake},
    process::BuildError,
    rpc::{RpcServer, connect},
    verification::Verification,
    verification_metrics,
};
use identity::{RequiredScope, scope};
use wire::appointments::v1::payment_outcomes_client::PaymentOutcomesClient;

use crate::{
    Settings,
    cashier::Cashier,
    counters::Counters,
    idempotency::Idempotency,
    outgoing::Delivery,
    processor::{Processor, Sandbox},
    routes::routes,
    rpc, worker,
};

/// The name by which tokens must mean this service (`aud`).
const AUDIENCE: &str = "payments";
/// The name by which they mean appointments-service.
const APPOINTMENTS: &str = "appointments";

const DESCRIPTION: Description = Description {
    name: "payments-service",
    title: "Signet payments",
    about: "Payments for bookings: confirmed with a card, listed, read and given back.",
    problems: &[crate::problems::ALL],
};

/// The payments service: built, listening, not yet running.
pub struct Service {
    http: HttpServer,
    http_address: SocketAddr,
    rpc: RpcServer,
    rpc_address: SocketAddr,
    rpc_routes: tonic::service::Routes,
    routes: Routes,
    health: Health,
    metrics: Metrics,
    verification: Verification,
    database: Database,
    cashier: Cashier,
    idempotency: Idempotency,
    outbox: Dispatcher<Delivery>,
}

impl Service {
    /// Opens the database, takes the ports and puts everything together.
    ///
    /// # Errors
    /// When the database, a port or a setting cannot be used.
    pub async fn build(settings: Settings, ambient: Ambient) -> Result<Self, BuildError> {
        let migrations = Migrations {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        };
        let database = Database::open(&settings.database, &migrations).await?;
        let verification = Verification::new(&settings.trust, AUDIENCE, &ambient)?;
        let verifier = verification.verifier();
        let mount = Mount::new(&DESCRIPTION, &settings.http, verifier.clone())?;
        let metrics = Metrics::default();
        verification_metrics::register(&metrics, DESCRIPTION.name, verifier.clone());
        database.register(&metrics, DESCRIPTION.name);

        let cashier = cashier(&settings, &ambient, &database, &metrics);
        let idempotency = Idempotency::new(database.clone(), ambient.clone(), settings.fingerprint_key);
        let appointments = connect(&settings.appointments_url).map_err(io::Error::other)?;
        let tracer = ambient.tracer.of(DESCRIPTION.name, &settings.http.instance);
        let outbox = Dispatcher {
            database: database.clone(),
            clock: ambient.clock.clone(),
            tracer: tracer.clone(),
            metrics: OutboxMetrics::register(&metrics, DESCRIPTION.name),
            wake: cashier.wake.clone(),
            deliver: Delivery {
                appointments: PaymentOutcomesClient::new(appointments),
                token: OwnToken::new(
                    IssuerClient::new(&settings.client)?,
                    APPOINTMENTS,
                    scope::AppointmentsReport::NAME,
                    ambient.clock.clone(),
                ),
                processor: cashier.processor.clone(),
                database: database.clone(),
                counters: cashier.counters.clone(),
            },
        };

        let http = HttpServer::bind(DESCRIPTION, &settings.http, &ambient)?;
        let rpc = RpcServer::bind(settings.rpc_listen).await?;
        Ok(Self {
            http_address: http.address()?,
            http,
            rpc_address: rpc.address()?,
            rpc,
            rpc_routes: rpc::routes(cashier.clone(), verifier.clone(), settings.appointments_client, tracer),
            routes: routes(mount, cashier.clone(), idempotency.clone()),
            health: Health::default().with_verifier(AUDIENCE, verifier.clone()),
            metrics,
            verification,
            database,
            cashier,
            idempotency,
            outbox,
        })
    }

    /// Where it listens for HTTP.
    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where it listens for gRPC.
    #[must_use]
    pub fn rpc_address(&self) -> SocketAddr {
        self.rpc_address
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> Description {
        DESCRIPTION
    }

    /// Its routes, for a server that serves several services.
    #[must_use]
    pub fn routes(&self) -> Routes {
        self.routes.clone()
    }

    /// Whether it should be sent requests, while it runs.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Serves until shut down.
    ///
    /// # Errors
    /// When a server fails.
    pub async fn run(self, shutdown: Shutdown) -> io::Result<()> {
        let Self { http, rpc, rpc_routes, routes, health, metrics, verification, database, .. } = self;
        let Self { cashier, idempotency, outbox, .. } = self;
        Lifecycle::new(&health.clone(), http.drain_notice(), shutdown)
            .server(|stop| http.serve(routes, health, metrics, stop))
            .server(|stop| rpc.serve(rpc_routes, stop))
            .beside(verification.run())
            .worker(|served| outbox.run(served))
            .worker(|served| worker::run(cashier, idempotency, served))
            .at_last(database.close())
            .run()
            .await
    }
}

fn cashier(settings: &Settings, ambient: &Ambient, database: &Database, metrics: &Metrics) -> Cashier {
    let sandbox = Sandbox::new(database.clone(), ambient.clock.clone(), settings.sandbox_delay);
    let processor: Arc<dyn Processor> = Arc::new(sandbox);
    Cashier {
        database: database.clone(),
        ambient: ambient.clone(),
        processor,
        wake: Wake::default(),
        counters: Counters::register(metrics),
    }
}
