//! SQLite: a file in this process, one writer and several readers.

use std::{fs::File, path::Path, str::FromStr};

use secrecy::ExposeSecret;
use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{DatabaseSettings, Result};

/// SQLite lets one connection write at a time; having just one makes writers queue here, in order, instead of
/// failing as busy.
#[derive(Clone)]
pub(super) struct SqlitePools {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
}

impl SqlitePools {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    pub(super) async fn open(settings: &DatabaseSettings, migrator: &Migrator) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(settings.url.expose_secret())?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(settings.statement_timeout);
        let _lock = migration_lock(options.get_filename()).await?;
        let pool = |connections| {
            SqlitePoolOptions::new()
                .acquire_timeout(settings.acquire_timeout)
                .max_connections(connections)
                // A file does not go away, and asking costs as much as many a statement.
                .test_before_acquire(false)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        migrator.run(&writer).await?;
        let readers = pool(settings.connections).connect_lazy_with(options.read_only(true));
        Ok(Self { writer, readers })
    }

    /// Folds the write-ahead log into the file.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
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
