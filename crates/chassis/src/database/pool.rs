//! Connections: how they are opened, shared and migrated.

use std::{fs::File, path::Path, str::FromStr};

use secrecy::ExposeSecret;
use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool,
    migrate::Migrator,
    pool::{PoolConnection, PoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{DatabaseSettings, Engine, Queryable, Result, sql, statement::Handle};

/// A service's schema, in both dialects.
pub struct Migrations {
    /// `sqlx::migrate!("migrations/sqlite")`
    pub sqlite: Migrator,
    /// `sqlx::migrate!("migrations/postgres")`
    pub postgres: Migrator,
}

/// A database with its schema in place. Clones share the connections.
#[derive(Clone)]
pub struct Database(Pools);

#[derive(Clone)]
enum Pools {
    /// SQLite lets one connection write at a time; having just one makes writers queue here, in order, instead
    /// of failing as busy.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

/// A connection for reading.
pub enum Connection {
    /// To SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// To PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

/// A transaction for writing; undone unless [committed](Self::commit).
pub enum Transaction {
    /// On SQLite: began as `IMMEDIATE`, so it never has to give way in the middle.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On PostgreSQL: read committed; rows that decide something are locked by the statement that reads them.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Database {
    /// Connects and brings the schema up to date, under a lock that other instances respect.
    ///
    /// # Errors
    /// When the database cannot be reached or its schema cannot be migrated.
    pub async fn open(settings: &DatabaseSettings, migrations: &Migrations) -> Result<Self> {
        let url = settings.url.expose_secret();
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(settings.statement_timeout);
            let _lock = migration_lock(options.get_filename()).await?;
            let pool = |connections| limited(SqlitePoolOptions::new(), settings).max_connections(connections);
            let writer = pool(1).connect_with(options.clone()).await?;
            migrations.sqlite.run(&writer).await?;
            let readers = pool(settings.connections).connect_lazy_with(options.read_only(true));
            return Ok(Self(Pools::Sqlite { writer, readers }));
        }
        let timeout = settings.statement_timeout.as_millis().to_string();
        let options = PgConnectOptions::from_str(url)?
            .options([("statement_timeout", timeout.as_str()), ("lock_timeout", timeout.as_str())]);
        let pool = limited(PgPoolOptions::new(), settings).max_connections(settings.connections);
        let pool = pool.connect_with(options).await?;
        migrations.postgres.run(&pool).await?;
        Ok(Self(Pools::Postgres(pool)))
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.0 {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`Unavailable`](super::Error::Unavailable) when none is free within the acquire timeout.
    pub async fn read(&self) -> Result<Connection> {
        Ok(match &self.0 {
            Pools::Sqlite { readers, .. } => Connection::Sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => Connection::Postgres(pool.acquire().await?),
        })
    }

    /// Begins a transaction for writing.
    ///
    /// # Errors
    /// [`Unavailable`](super::Error::Unavailable) when it cannot begin within the acquire timeout.
    pub async fn begin(&self) -> Result<Transaction> {
        Ok(match &self.0 {
            Pools::Sqlite { writer, .. } => Transaction::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What it answered instead.
    pub async fn ping(&self) -> Result<()> {
        sql("SELECT 1").execute(&mut self.read().await?).await.map(drop)
    }

    /// Closes every connection; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// Makes everything that was done lasting and visible.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    /// Undoes everything that was done.
    pub async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

impl Queryable for Connection {
    fn handle(&mut self) -> Handle<'_> {
        match self {
            Self::Sqlite(connection) => Handle::Sqlite(connection),
            Self::Postgres(connection) => Handle::Postgres(connection),
        }
    }
}

impl Queryable for Transaction {
    fn handle(&mut self) -> Handle<'_> {
        match self {
            Self::Sqlite(transaction) => Handle::Sqlite(transaction),
            Self::Postgres(transaction) => Handle::Postgres(transaction),
        }
    }
}

fn limited<D: sqlx::Database>(options: PoolOptions<D>, settings: &DatabaseSettings) -> PoolOptions<D> {
    options.acquire_timeout(settings.acquire_timeout)
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
