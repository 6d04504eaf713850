//! SQLite: a file in this process, one writer and several readers. Where next: `fold`.

mod fold;

use std::{fs::File, path::Path, str::FromStr, sync::Arc, time::Duration};

use deadpool::managed::{Manager, Metrics, Object, Pool, RecycleResult};
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, SqlStr, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous, SqliteTransactionManager},
};
use sqlx_core::transaction::TransactionManager;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{DatabaseSettings, Result, shared};

/// SQLite lets one connection write at a time; having just one makes writers queue here, in order, instead of
/// failing as busy.
#[derive(Clone)]
pub(super) struct SqlitePools {
    pub(super) writer: Pool<Opener>,
    pub(super) readers: Pool<Opener>,
    folder: Pool<Opener>,
    patience: Duration,
    work: CancellationToken,
    /// What goes on beside ends with the last clone.
    _working: Arc<DropGuard>,
}

/// Opens connections to one file.
pub(super) struct Opener(SqliteConnectOptions);

/// A connection in use.
pub(super) type Lease = Object<Opener>;

impl Manager for Opener {
    type Type = SqliteConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<SqliteConnection> {
        // Boxed, as it is large and rare, so that not every statement has room for it.
        Box::pin(self.0.connect()).await
    }

    /// A file does not go away, and a connection does one thing after the other, whoever waits for it.
    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}

impl SqlitePools {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    pub(super) async fn open(settings: &DatabaseSettings, migrator: &Migrator) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(settings.url.expose_secret())?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("wal_autocheckpoint", fold::MOST_PAGES)
            .busy_timeout(settings.statement_timeout);
        let _lock = migration_lock(options.get_filename()).await?;
        let work = CancellationToken::new();
        let pools = Self {
            writer: shared::pool(Opener(options.clone()), 1)?,
            folder: shared::pool(Opener(options.clone()), 1)?,
            readers: shared::pool(Opener(options.read_only(true)), settings.connections)?,
            patience: settings.acquire_timeout,
            _working: Arc::new(work.clone().drop_guard()),
            work,
        };
        migrator.run(&mut *pools.write().await?).await?;
        tokio::spawn(pools.work.clone().run_until_cancelled_owned(fold::fold(pools.folder.clone())));
        Ok(pools)
    }

    /// A connection that reads.
    pub(super) async fn read(&self) -> Result<Lease> {
        Ok(shared::take(&self.readers, self.patience).await?)
    }

    /// The one that writes.
    pub(super) async fn write(&self) -> Result<Lease> {
        Ok(shared::take(&self.writer, self.patience).await?)
    }

    /// Folds the write-ahead log into the file.
    pub(super) async fn close(&self) {
        self.work.cancel();
        for pool in [&self.folder, &self.readers, &self.writer] {
            for connection in shared::close(pool) {
                if let Err(error) = connection.close().await {
                    tracing::warn!(%error, "a connection to the database could not be closed");
                }
            }
        }
    }
}

/// A transaction on the connection that writes; undone unless committed. It began as `IMMEDIATE`, so it never has to
/// give way in the middle.
pub(super) struct Writing {
    pub(super) connection: Lease,
    is_open: bool,
}

impl Writing {
    pub(super) async fn begin(mut connection: Lease) -> Result<Self> {
        let begin = SqlStr::from_static("BEGIN IMMEDIATE");
        SqliteTransactionManager::begin(&mut connection, Some(begin)).await?;
        Ok(Self { connection, is_open: true })
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        SqliteTransactionManager::commit(&mut self.connection).await?;
        self.is_open = false;
        Ok(())
    }

    pub(super) async fn rollback(mut self) -> Result<()> {
        SqliteTransactionManager::rollback(&mut self.connection).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.is_open {
            // Done before anything else that the connection is given to do.
            SqliteTransactionManager::start_rollback(&mut self.connection);
        }
    }
}

/// Two processes may start on one file at once; sqlx locks migrations on PostgreSQL only.
async fn migration_lock(database: &Path) -> Result<File> {
    let path = database.with_extension("lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(path)?;
        file.lock()?;
        Ok(file)
    });
    let locked: std::io::Result<File> =
        locked.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    Ok(locked.map_err(sqlx::Error::Io)?)
}
