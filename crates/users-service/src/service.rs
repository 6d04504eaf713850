//! The wiring, all of it: what the service is made of, how it runs and how it ends.

use std::{io, net::SocketAddr};

use chassis::{
    Ambient, Lifecycle, Shutdown,
    database::{Database, Migrations},
    health::Health,
    http::{Description, HttpServer, Mount, Routes},
    metrics::Metrics,
    process::BuildError,
    verification::Verification,
    verification_metrics,
};

use crate::{Settings, routes::routes, store::Profiles};

/// The name by which tokens must mean this service (`aud`).
const AUDIENCE: &str = "users";

const DESCRIPTION: Description = Description {
    name: "users-service",
    title: "Signet users",
    about: "Profiles: what users tell of themselves, and what administrators see of everybody.",
    problems: &[],
};

/// The users service: built, listening, not yet running.
pub struct Service {
    http: HttpServer,
    http_address: SocketAddr,
    routes: Routes,
    health: Health,
    metrics: Metrics,
    verification: Verification,
    database: Database,
}

impl Service {
    /// Opens the database, takes the port and puts everything together.
    ///
    /// # Errors
    /// When the database, the port or a setting cannot be used.
    pub async fn build(settings: Settings, ambient: Ambient) -> Result<Self, BuildError> {
        let migrations = Migrations {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        };
        let database = Database::open(&settings.database, &migrations).await?;
        let verification = Verification::new(&settings.trust, AUDIENCE, &ambient)?;
        let verifier = verification.verifier();
        let mount = Mount::new(&DESCRIPTION, &settings.http, verifier.clone())?;
        let profiles = Profiles::new(database.clone());
        let metrics = Metrics::default();
        verification_metrics::register(&metrics, DESCRIPTION.name, verifier.clone());
        database.register(&metrics, DESCRIPTION.name);

        let http = HttpServer::bind(DESCRIPTION, &settings.http, &ambient)?;
        Ok(Self {
            http_address: http.address()?,
            http,
            routes: routes(mount, profiles, ambient.clock),
            health: Health::default().with_verifier(AUDIENCE, verifier.clone()),
            metrics,
            verification,
            database,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
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
    /// When the server fails.
    pub async fn run(self, shutdown: Shutdown) -> io::Result<()> {
        let Self { http, routes, health, metrics, verification, database, .. } = self;
        Lifecycle::new(&health.clone(), http.drain_notice(), shutdown)
            .server(|stop| http.serve(routes, health, metrics, stop))
            .beside(verification.run())
            .at_last(async move { database.close().await })
            .run()
            .await
    }
}
