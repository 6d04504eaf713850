//! Where the database is and how long anybody waits for it.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::settings::Reader;

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `sqlite:PATH` or `postgres://…`; secret because it may carry a password.
    pub url: SecretString,
    /// Connections at most (PostgreSQL; SQLite has one writer and this many readers).
    pub connections: u32,
    /// What the server calls this client (`pg_stat_activity`), unless the URL names it otherwise.
    pub application_name: String,
    /// How long a request waits for a connection, free or new, before it is answered 503.
    pub acquire_timeout: Duration,
    /// How long a statement may run (PostgreSQL) or wait for another process's lock (SQLite).
    pub statement_timeout: Duration,
}

impl DatabaseSettings {
    /// Reads `DATABASE_URL`, `DATABASE_CONNECTIONS`, `DATABASE_ACQUIRE_TIMEOUT` and `DATABASE_STATEMENT_TIMEOUT`.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        const SECOND: Duration = Duration::from_secs(1);
        let url =
            reader.secret("DATABASE_URL", "The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME.");
        let connections = reader.within(
            "DATABASE_CONNECTIONS",
            "Database connections this instance may hold.",
            10,
            1..=1000,
        );
        let acquire_timeout = reader.duration(
            "DATABASE_ACQUIRE_TIMEOUT",
            "How long a request waits for a database connection.",
            Duration::from_millis(700),
            Duration::from_millis(50)..=30 * SECOND,
        );
        let statement_timeout = reader.duration(
            "DATABASE_STATEMENT_TIMEOUT",
            "How long one statement may take.",
            5 * SECOND,
            Duration::from_millis(50)..=300 * SECOND,
        );
        if let Some(url) = &url
            && !["sqlite:", "postgres://", "postgresql://"]
                .iter()
                .any(|scheme| url.expose_secret().starts_with(scheme))
        {
            reader.mistake("DATABASE_URL", "must begin with sqlite: or postgres://");
        }
        let application_name = format!("{}-service", reader.prefix().to_lowercase());
        Some(Self { url: url?, connections, application_name, acquire_timeout, statement_timeout })
    }

    /// The given URL with default limits.
    #[must_use]
    pub fn of(url: impl Into<String>) -> Self {
        Self {
            url: SecretString::from(url.into()),
            connections: 10,
            application_name: "signet".to_owned(),
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5),
        }
    }
}
