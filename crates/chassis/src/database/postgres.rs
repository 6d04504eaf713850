//! PostgreSQL: a server that may go away at any moment and in any manner.
//!
//! A server that is gone refuses connections at best; at worst it swallows packets or stops in the middle of an
//! answer, and then a client waits as long as TCP does: minutes. So one task asks all the time ([`pulse`]) and
//! whatever waits for the server while it does not answer is cancelled at once. Connections are handed out as
//! [`lease`]s, which never give one back that may be in the middle of something.

mod lease;
mod pulse;

use std::{str::FromStr, sync::Arc, time::Duration};

use deadpool::managed::{Manager, Metrics, Pool, RecycleError, RecycleResult};
use secrecy::ExposeSecret;
use sqlx::{ConnectOptions, Connection, PgConnection, migrate::Migrator, postgres::PgConnectOptions};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{DatabaseSettings, Error, Result, shared};
use crate::problem::Chain;

pub(super) use lease::{Lease, LeasedTransaction, on_lease};
use pulse::{DEADLINE, INTERVAL, Pulse, silent};

/// How long a service waits at its start for a server that cannot be reached.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much longer than the server's own limit a statement may take to answer before its connection is given up.
const SLACK: Duration = Duration::from_secs(1);
/// How long a migration may wait for another replica's, or for a lock on a table.
const MIGRATION_LOCK: Duration = Duration::from_mins(1);
/// When the server ends a transaction whose client does nothing, and so perhaps is no more.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(30);
/// After which a connection is closed that nobody uses, so that a crowd's connections go when the crowd has gone.
const LONGEST_IDLE: Duration = Duration::from_mins(10);
/// After which a connection gives way to a new one, so that whatever it occupies at the server has an end.
const LONGEST_LIFE: Duration = Duration::from_mins(30);

/// Connections to one server and what is known of it.
#[derive(Clone)]
pub(super) struct PostgresPool {
    pool: Pool<Opener>,
    pulse: Pulse,
    /// How long anybody waits for a connection.
    patience: Duration,
    /// How long a statement may take, counted here.
    limit: Duration,
    watch: CancellationToken,
    /// The watch ends with the last clone.
    _watching: Arc<DropGuard>,
}

impl PostgresPool {
    /// Connects and brings the schema up to date. Waits a while for a server that cannot be reached yet.
    pub(super) async fn open(settings: &DatabaseSettings, migrator: &Migrator) -> Result<Self> {
        let options = options(settings)?;
        let first = connect(&options).await?;
        let (pulse, watcher) = Pulse::new();
        let opener = Opener { options: options.clone(), pulse: pulse.clone() };
        let pool = shared::pool(opener, settings.connections)?;
        let watch = CancellationToken::new();
        let watching = Arc::new(watch.clone().drop_guard());
        let asking = watcher.watch(first, options.clone(), pool.clone());
        tokio::spawn(watch.clone().run_until_cancelled_owned(asking));

        pulse.while_up(pulse.era(), migrate(&options, migrator)).await?;
        let (patience, limit) = (settings.acquire_timeout, settings.statement_timeout + SLACK);
        Ok(Self { pool, pulse, patience, limit, watch, _watching: watching })
    }

    pub(super) async fn lease(&self) -> Result<Lease> {
        Lease::take(self).await
    }

    pub(super) fn is_up(&self) -> bool {
        self.pulse.is_up()
    }

    pub(super) fn inner(&self) -> &Pool<Opener> {
        &self.pool
    }

    pub(super) async fn close(&self) {
        self.watch.cancel();
        for connection in shared::close(&self.pool).into_iter().flatten() {
            // Says goodbye. Whether anybody hears it does not matter.
            let _ = connection.close().await;
        }
    }
}

/// Opens connections to one server, and says which may be used again.
pub(super) struct Opener {
    options: PgConnectOptions,
    pulse: Pulse,
}

impl Opener {
    async fn open(&self) -> sqlx::Result<PgConnection> {
        // Boxed, as it is large and rare, so that not every statement has room for it.
        Box::pin(self.options.connect()).await
    }
}

impl Manager for Opener {
    /// `None` while it is used, and for good if that did not end well.
    type Type = Option<PgConnection>;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<Option<PgConnection>> {
        self.open().await.map(Some)
    }

    async fn recycle(
        &self,
        connection: &mut Option<PgConnection>,
        metrics: &Metrics,
    ) -> RecycleResult<sqlx::Error> {
        let age = metrics.age();
        if connection.is_none() || age > LONGEST_LIFE || self.pulse.was_down_within(age) {
            return Err(RecycleError::message("it is not to be used again"));
        }
        Ok(())
    }
}

fn options(settings: &DatabaseSettings) -> Result<PgConnectOptions> {
    let millis = |limit: Duration| limit.as_millis().to_string();
    let options = PgConnectOptions::from_str(settings.url.expose_secret())?.options([
        ("statement_timeout", millis(settings.statement_timeout)),
        ("lock_timeout", millis(settings.statement_timeout)),
        ("idle_in_transaction_session_timeout", millis(IDLE_IN_TRANSACTION)),
        // The server's side notices that we are gone, and gives our locks to the living.
        ("tcp_keepalives_idle", "10".to_owned()),
        ("tcp_keepalives_interval", "5".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
    ]);
    // A name in the URL is somebody's wish.
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name(&settings.application_name),
    })
}

/// The first connection. Servers and services are often started together.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let began = Instant::now();
    loop {
        let error = match tokio::time::timeout(DEADLINE, options.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => Error::from(error),
            Err(_) => silent(),
        };
        if !matches!(error, Error::Unavailable(_)) || began.elapsed() > PATIENCE {
            return Err(error);
        }
        tracing::warn!(error = %Chain(&error), "the database cannot be reached; trying again");
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Brings the schema up to date under sqlx's advisory lock, on a connection whose statements may take their time.
async fn migrate(options: &PgConnectOptions, migrator: &Migrator) -> Result<()> {
    let lock = MIGRATION_LOCK.as_millis().to_string();
    let options = options.clone().options([("statement_timeout", "0"), ("lock_timeout", lock.as_str())]);
    let mut connection = options.connect().await?;
    migrator.run(&mut connection).await?;
    Ok(connection.close().await?)
}
