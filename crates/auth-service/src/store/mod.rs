//! The database, by narrow functions: handlers know these and no SQL.
//!
//! Each function runs on whatever it is given, so that a handler can put several into one transaction. What
//! decides something is read by a function called `lock…`: on PostgreSQL it locks the rows, on SQLite a writing
//! transaction is alone anyway. Whoever locks several rows locks users before sessions,
//! users by id, and the end of the revocation log last.

pub(crate) mod admin_links;
pub(crate) mod audit;
pub(crate) mod client_assertions;
pub(crate) mod clients;
pub(crate) mod keys;
pub(crate) mod revocations;
pub(crate) mod sessions;
pub(crate) mod users;

/// A statement that reads rows and locks them until the transaction ends.
macro_rules! locking {
    ($on:expr, $text:literal) => {
        chassis::database::sql(match chassis::database::Queryable::engine($on) {
            chassis::database::Engine::Sqlite => $text,
            chassis::database::Engine::Postgres => concat!($text, " FOR NO KEY UPDATE"),
        })
    };
}
use locking;
