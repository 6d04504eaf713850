//! The wiring, all of it: what the service is made of, how it runs and how it ends.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use chassis::{
    Ambient, Lifecycle, Shutdown,
    client::IssuerClient,
    database::{Database, Migrations},
    health::Health,
    http::{Description, HttpServer, Mount, Routes},
    metrics::Metrics,
    outbox::{Dispatcher, OutboxMetrics, Wake},
    process::BuildError,
    rpc::RpcServer,
    verification::Verification,
    verification_metrics,
};
use identity::Clock;
use tonic::service::Routes as RpcRoutes;

use crate::{
    Settings,
    calendar::Calendar,
    metrics::Bookings,
    payments::Payments,
    releases::Releases,
    routes::{Parts, routes},
    rpc, sweeper,
};

/// The name by which tokens must mean this service (`aud`).
const AUDIENCE: &str = "appointments";

const DESCRIPTION: Description = Description {
    name: "appointments-service",
    title: "Signet appointments",
    about: "Providers, their opening hours and offerings, and appointments that nobody can take twice.",
    problems: &[crate::problems::ALL],
};

/// The appointments service: built, listening, not yet running.
pub struct Service {
    http: HttpServer,
    http_address: SocketAddr,
    rpc: RpcServer,
    rpc_address: SocketAddr,
    routes: Routes,
    rpc_routes: RpcRoutes,
    health: Health,
    metrics: Metrics,
    verification: Verification,
    database: Database,
    clock: Arc<dyn Clock>,
    bookings: Bookings,
    sweep_interval: Duration,
    dispatcher: Dispatcher<Releases>,
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

        let (wake, clock) = (Wake::default(), ambient.clock.clone());
        let calendar = Calendar::new(database.clone(), ambient.clone(), wake.clone(), settings.hold);
        let (url, timeout) = (&settings.payments.url, settings.payments.timeout);
        let issuer = IssuerClient::new(&settings.client)?;
        let payments = Payments::connect(url, issuer.clone(), timeout, ambient.entropy.clone());
        let payments = payments.map_err(io::Error::other)?;
        let deliver = Releases::connect(url, issuer, &ambient).map_err(io::Error::other)?;
        let tracer = ambient.tracer.of(DESCRIPTION.name, &settings.http.instance);
        let dispatcher = Dispatcher {
            database: database.clone(),
            clock: clock.clone(),
            tracer: tracer.clone(),
            metrics: OutboxMetrics::register(&metrics, DESCRIPTION.name),
            wake,
            deliver,
        };

        let http = HttpServer::bind(DESCRIPTION, &settings.http, &ambient)?;
        let rpc = RpcServer::bind(settings.rpc_listen).await?;
        let bookings = Bookings::register(&metrics);
        let parts = Parts {
            database: database.clone(),
            ambient,
            calendar: calendar.clone(),
            payments,
            bookings: bookings.clone(),
        };
        Ok(Self {
            http_address: http.address()?,
            http,
            rpc_address: rpc.address()?,
            rpc,
            routes: routes(mount, parts),
            rpc_routes: rpc::routes(calendar, verifier.clone(), tracer),
            health: Health::default().with_verifier(AUDIENCE, verifier.clone()),
            metrics,
            verification,
            database,
            clock,
            bookings,
            sweep_interval: settings.sweep_interval,
            dispatcher,
        })
    }

    /// Where it listens for people.
    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where it listens for payments-service.
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
        let Self { http, rpc, routes, rpc_routes, health, metrics, verification, database, .. } = self;
        let (clock, bookings, interval) = (self.clock, self.bookings, self.sweep_interval);
        Lifecycle::new(&health.clone(), http.drain_notice(), shutdown)
            .server(|stop| http.serve(routes, health, metrics, stop))
            .server(|stop| rpc.serve(rpc_routes, stop))
            .beside(verification.run())
            .worker(|served| self.dispatcher.run(served))
            .worker(|served| sweeper::run(database.clone(), clock, bookings, interval, served))
            .at_last(database.close())
            .run()
            .await
    }
}
