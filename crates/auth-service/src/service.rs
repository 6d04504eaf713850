//! The wiring, all of it: what the service is made of, how it runs and how it ends.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use chassis::{
    Ambient, Lifecycle, Shutdown,
    database::{Database, Migrations},
    health::Health,
    http::{Description, HttpServer, Mount, Routes},
    keys::TrustSettings,
    metrics::Metrics,
    process,
    rpc::RpcServer,
    verification_metrics,
};
use identity::uuid_v7;
use url::Url;
use verifier::Verifier;
use wire::auth::v1::revocation_feed_server::RevocationFeedServer;

use crate::{
    Settings,
    administration::Administration,
    app::{App, Policy},
    domain::{
        admin_link::AdminLinks, key_cycle::Cycle, origin::TrustedOrigins, refresh_token::RefreshTokens,
        session::Limits,
    },
    housekeeping,
    limits::{FallbackLimiter, MemoryLimiter},
    metrics::Counters,
    passwords::{HashError, Parameters, PasswordHasher, PoolSize},
    revocation::{Feed, Hearing, POLL, Tail},
    routes::routes,
    signing::{
        keyring::{KeyPolicy, Keyring, KeyringError},
        vault::Vault,
    },
    store::revocations,
    wake::{self, LocalWake},
};

/// The name by which tokens must mean this service (`aud`).
const AUDIENCE: &str = "auth";
/// The largest message anybody has reason to send over gRPC, in bytes.
const MAX_MESSAGE: usize = 4 * 1024;

const DESCRIPTION: Description = Description {
    name: "auth-service",
    title: "Signet auth",
    about: "Accounts, sessions and the keys that every other service verifies tokens with.",
    problems: &[crate::problems::ALL],
};

/// The auth service: built, listening, not yet running.
pub struct Service {
    http: HttpServer,
    http_address: SocketAddr,
    rpc: RpcServer,
    rpc_address: SocketAddr,
    routes: Routes,
    health: Health,
    metrics: Metrics,
    verifier: Verifier,
    hearing: Hearing,
    app: Arc<App>,
    audit_retention: Duration,
}

/// Why the service could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// What any service may lack.
    #[error(transparent)]
    Process(#[from] process::BuildError),
    /// There is no usable signing key.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Passwords cannot be hashed on this machine.
    #[error(transparent)]
    Passwords(#[from] HashError),
}

impl Service {
    /// Opens the database, makes or opens the signing key, takes the port and puts everything together.
    ///
    /// # Errors
    /// When the database, the keys in it, the port or a setting cannot be used.
    pub async fn build(settings: Settings, ambient: Ambient) -> Result<Self, BuildError> {
        let http =
            HttpServer::bind(DESCRIPTION, &settings.http, &ambient).map_err(process::BuildError::from)?;
        let http_address = http.address().map_err(process::BuildError::from)?;
        let rpc = RpcServer::bind(settings.rpc_listen).await.map_err(process::BuildError::from)?;
        let metrics = Metrics::default();
        let limiter = FallbackLimiter::start(&settings, &ambient, &metrics).await;
        let wake = wake::start(&settings, &ambient, &metrics);
        let app = Arc::new(App { limiter, wake, ..Box::pin(build_app(&settings, &ambient)).await? });

        let trust = TrustSettings {
            issuer: settings.issuer.as_str().to_owned(),
            jwks_url: settings.jwks_url.unwrap_or_else(|| own_key_set(&settings.issuer, http_address)),
            // It has them at hand whenever it runs.
            keys_dir: None,
            // It is the one that tells, and hears itself.
            feed: None,
        };
        let verifier = trust.verifier(AUDIENCE, &ambient).map_err(process::BuildError::from)?;
        let hearing = hearing(&app, &verifier).await?;
        let mount =
            Mount::new(&DESCRIPTION, &settings.http, verifier.clone()).map_err(process::BuildError::from)?;
        verification_metrics::register(&metrics, DESCRIPTION.name, verifier.clone());
        app.database.register(&metrics, DESCRIPTION.name);
        app.counters.register(&metrics, app.passwords.clone());
        Ok(Self {
            http,
            http_address,
            rpc_address: rpc.address().map_err(process::BuildError::from)?,
            rpc,
            routes: routes(mount, Arc::clone(&app)),
            health: Health::default().with_verifier(AUDIENCE, verifier.clone()),
            metrics,
            verifier,
            hearing,
            app,
            audit_retention: settings.lifetimes.audit,
        })
    }

    /// Where it listens.
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

    /// What the command line may do.
    #[must_use]
    pub fn administration(&self) -> Administration {
        Administration(Arc::clone(&self.app))
    }

    /// Serves until shut down.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn run(self, shutdown: Shutdown) -> io::Result<()> {
        let Self { http, rpc, routes, health, metrics, verifier, hearing, app, audit_retention, .. } = self;
        let (tail, clock) = (app.tail.clone(), app.ambient.clock.clone());
        let feed = |stop| Feed { tail, verifier: verifier.clone(), clock, stop };
        Lifecycle::new(&health.clone(), http.drain_notice(), shutdown)
            .server(|stop| http.serve(routes, health, metrics, stop))
            .server(|stop| rpc.serve(rpc_routes(feed(stop.clone())), stop))
            .beside(app.tail.follow(app.wake.listen(), POLL))
            .beside(hearing.run())
            .beside(app.keep_keys(app.wake.listen()))
            .beside(verifier.run())
            .beside(housekeeping::keep_house(&app, audit_retention))
            .at_last(app.database.close())
            .run()
            .await
    }
}

/// What handlers work with, out of what is configured.
pub(crate) async fn build_app(settings: &Settings, ambient: &Ambient) -> Result<App, BuildError> {
    let migrations = Migrations {
        sqlite: sqlx::migrate!("migrations/sqlite"),
        postgres: sqlx::migrate!("migrations/postgres"),
    };
    let database =
        Database::open(&settings.database, &migrations).await.map_err(process::BuildError::from)?;
    let mut transaction = database.begin().await.map_err(process::BuildError::from)?;
    let epoch = uuid_v7(ambient.clock.as_ref(), ambient.entropy.as_ref());
    revocations::begin(&mut transaction, epoch).await.map_err(process::BuildError::from)?;
    transaction.commit().await.map_err(process::BuildError::from)?;
    let (master_keys, lifetimes) = (&settings.master_keys, settings.lifetimes);
    let key_policy = KeyPolicy {
        bits: settings.rsa_bits,
        max_age: lifetimes.jwks_max_age,
        cycle: Cycle::new(lifetimes.signing_key, lifetimes.jwks_max_age),
    };
    let keyring = Keyring::open(&database, Vault::new(master_keys), key_policy, ambient).await?;
    let size = PoolSize { running: settings.hash_threads, waiting: settings.hash_queue };
    let passwords = PasswordHasher::new(Parameters::CURRENT, size, Arc::clone(&ambient.entropy))?;
    Ok(App {
        tail: Tail::new(database.clone(), ambient.clock.clone()),
        database,
        passwords,
        keyring,
        limiter: Arc::new(MemoryLimiter::new(settings.quotas, Arc::clone(&ambient.clock))),
        refresh_tokens: RefreshTokens::new(master_keys.clone()),
        admin_links: AdminLinks::new(master_keys.clone()),
        origins: TrustedOrigins::new(settings.allowed_origins.iter().chain([settings.issuer.url()])),
        policy: Policy {
            issuer: settings.issuer.clone(),
            access_token_lifetime: lifetimes.access_token,
            limits: Limits { grace: lifetimes.refresh_grace, idle: lifetimes.session_idle },
            session_absolute: lifetimes.session_absolute,
        },
        ambient: ambient.clone(),
        counters: Counters::default(),
        wake: Arc::new(LocalWake::default()),
    })
}

/// Has the verifier refuse what was revoked so far, and expect to hear of the rest.
async fn hearing(app: &App, verifier: &Verifier) -> Result<Hearing, process::BuildError> {
    let listener = verifier.listen(app.policy.issuer.as_str()).map_err(io::Error::other)?;
    app.tail.catch_up().await?;
    let mut hearing = Hearing::new(app.tail.clone(), listener);
    // If that is too much, it says so when it runs, and the rest is decided by the database.
    let _ = hearing.catch_up();
    Ok(hearing)
}

/// Everything this service answers over gRPC.
fn rpc_routes(feed: Feed) -> tonic::service::Routes {
    tonic::service::Routes::new(RevocationFeedServer::new(feed).max_decoding_message_size(MAX_MESSAGE))
}

/// Where this very process publishes its keys.
fn own_key_set(issuer: &crate::settings::Issuer, listening: SocketAddr) -> Url {
    let mut address = listening;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    // An address and a port make a URL; the issuer's is as good as any should that ever not hold.
    Url::parse(&format!("http://{address}/.well-known/jwks.json")).unwrap_or_else(|_| issuer.url().clone())
}
