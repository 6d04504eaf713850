//! What can go wrong with a database, by what the caller can do about it.

use std::time::Duration;

use crate::problem::{Problem, codes};

/// The result of asking the database.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed statement.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database does not answer, or has no connection free in time. Trying again later helps.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The statement would break a unique or exclusion constraint.
    #[error("the row is there already")]
    Taken(#[source] sqlx::Error),
    /// Two transactions were in each other's way and this one was ended. Trying again at once helps.
    #[error("the transaction lost a race")]
    Raced(#[source] sqlx::Error),
    /// Anything else is a mistake in this program or its schema.
    #[error("the database refuses the statement")]
    Other(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the schema cannot be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds something this program cannot have written.
    #[error("column {column} holds {problem}")]
    Corrupt {
        /// The column.
        column: String,
        /// What is wrong with its value.
        problem: String,
    },
}

impl Error {
    /// Whether a unique or exclusion constraint refused the row.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken(_))
    }

    /// A stored value that cannot be what was written.
    pub fn corrupt(column: &str, problem: impl std::fmt::Display) -> Self {
        Self::Corrupt { column: column.to_owned(), problem: problem.to_string() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            // Whoever hangs up while a connection is set up is reported as not keeping to the protocol.
            E::Io(_)
            | E::Tls(_)
            | E::Protocol(_)
            | E::WorkerCrashed
            | E::PoolTimedOut
            | E::PoolClosed
            | E::BeginFailed => Self::Unavailable(error),
            E::Database(refusal) => match refusal.code().as_deref() {
                // PostgreSQL: unique, exclusion. SQLite says by kind.
                Some("23505" | "23P01") => Self::Taken(error),
                _ if refusal.is_unique_violation() => Self::Taken(error),
                // PostgreSQL: serialization failure, deadlock, lock not available in time.
                Some("40001" | "40P01" | "55P03") => Self::Raced(error),
                // PostgreSQL: connection and resource exceptions, shutdown, statement timeout. SQLite: busy, locked.
                Some(code) if code.starts_with("08") || code.starts_with("53") || code.starts_with("57") => {
                    Self::Unavailable(error)
                }
                Some("5" | "6" | "261" | "262" | "517") => Self::Unavailable(error),
                _ => Self::Other(error),
            },
            _ => Self::Other(error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) | Error::Raced(_) => {
                Self::new(&codes::UNAVAILABLE).retry_after(Duration::from_secs(1)).cause(error)
            }
            _ => Self::new(&codes::INTERNAL).cause(error),
        }
    }
}
