//! Connections: how they are opened, shared and closed.

use secrecy::ExposeSecret;
use sqlx::migrate::Migrator;

use super::{
    DatabaseSettings, Engine, Queryable, Result,
    postgres::{Lease, LeasedTransaction, PostgresPool},
    sql,
    sqlite::{self, SqlitePools},
    statement::{Handle, Raw},
};

/// A service's schema, in both dialects.
pub struct Migrations {
    /// `sqlx::migrate!("migrations/sqlite")`
    pub sqlite: Migrator,
    /// `sqlx::migrate!("migrations/postgres")`
    pub postgres: Migrator,
}

/// A database with its schema in place. Clones share the connections.
#[derive(Clone)]
pub struct Database(pub(super) Pools);

#[derive(Clone)]
pub(super) enum Pools {
    Sqlite(SqlitePools),
    Postgres(PostgresPool),
}

/// A connection for statements that are each by itself.
pub struct Connection(Single);

enum Single {
    Sqlite(sqlite::Lease),
    Postgres(Lease),
}

/// A transaction for writing; undone unless [committed](Self::commit).
pub struct Transaction(Writing);

enum Writing {
    Sqlite(sqlite::Writing),
    /// Read committed; rows that decide something are locked by the statement that reads them.
    Postgres(LeasedTransaction),
}

impl Database {
    /// Connects and brings the schema up to date, under a lock that other instances respect. A PostgreSQL server
    /// that cannot be reached is waited for, ten seconds at most.
    ///
    /// # Errors
    /// When the database cannot be reached or its schema cannot be migrated.
    pub async fn open(settings: &DatabaseSettings, migrations: &Migrations) -> Result<Self> {
        Ok(Self(if settings.url.expose_secret().starts_with("sqlite:") {
            Pools::Sqlite(SqlitePools::open(settings, &migrations.sqlite).await?)
        } else {
            Pools::Postgres(PostgresPool::open(settings, &migrations.postgres).await?)
        }))
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.0 {
            Pools::Sqlite(_) => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether it answered when it was last asked, less than a second ago. SQLite is always up.
    #[must_use]
    pub fn is_up(&self) -> bool {
        match &self.0 {
            Pools::Sqlite(_) => true,
            Pools::Postgres(pool) => pool.is_up(),
        }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`Unavailable`](super::Error::Unavailable) when none is free within the acquire timeout, and at once when
    /// the database is down.
    pub async fn read(&self) -> Result<Connection> {
        Ok(Connection(match &self.0 {
            Pools::Sqlite(pools) => Single::Sqlite(pools.read().await?),
            Pools::Postgres(pool) => Single::Postgres(pool.lease().await?),
        }))
    }

    /// A connection for one statement that writes, which is a transaction by itself: the one that was for reading, if
    /// that can write too.
    ///
    /// # Errors
    /// As of [`begin`](Self::begin).
    pub async fn write_after(&self, mut reading: Connection) -> Result<Connection> {
        if let Pools::Sqlite(pools) = &self.0 {
            drop(reading);
            return Ok(Connection(Single::Sqlite(pools.write().await?)));
        }
        if let Single::Postgres(lease) = &mut reading.0 {
            lease.prove().await?;
        }
        Ok(reading)
    }

    /// Begins a transaction for writing.
    ///
    /// # Errors
    /// [`Unavailable`](super::Error::Unavailable) when it cannot begin within the acquire timeout, and at once when
    /// the database is down.
    pub async fn begin(&self) -> Result<Transaction> {
        Ok(Transaction(match &self.0 {
            Pools::Sqlite(pools) => Writing::Sqlite(sqlite::Writing::begin(pools.write().await?).await?),
            Pools::Postgres(pool) => Writing::Postgres(pool.lease().await?.begin().await?),
        }))
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
            Pools::Sqlite(pools) => pools.close().await,
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// Makes everything that was done lasting and visible.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Writing::Sqlite(transaction) => transaction.commit().await,
            Writing::Postgres(transaction) => transaction.commit().await,
        }
    }

    /// Undoes everything that was done.
    pub async fn rollback(self) -> Result<()> {
        match self.0 {
            Writing::Sqlite(transaction) => transaction.rollback().await,
            Writing::Postgres(transaction) => transaction.rollback().await,
        }
    }
}

impl Queryable for Connection {
    fn handle(&mut self) -> Handle<'_> {
        Handle(match &mut self.0 {
            Single::Sqlite(connection) => Raw::Sqlite(connection),
            Single::Postgres(lease) => Raw::Postgres(lease),
        })
    }
}

impl Queryable for Transaction {
    fn handle(&mut self) -> Handle<'_> {
        Handle(match &mut self.0 {
            Writing::Sqlite(transaction) => Raw::Sqlite(&mut transaction.connection),
            Writing::Postgres(transaction) => Raw::Postgres(&mut transaction.lease),
        })
    }
}
