//! The database, by narrow functions: nobody else knows SQL.
//!
//! Whatever changes a provider's calendar first takes the provider's row with [`providers::lock`], in the same
//! transaction: on PostgreSQL two bookings queue there instead of running into each other's constraint. On SQLite
//! a transaction that writes is alone anyway.

pub(crate) mod appointments;
pub(crate) mod offerings;
pub(crate) mod providers;

use chassis::database::Error;

use crate::domain::Invalid;

/// A stored value that the rules do not allow any more, or never did.
fn corrupt(column: &'static str) -> impl FnOnce(Invalid) -> Error {
    move |invalid| Error::corrupt(column, invalid)
}
