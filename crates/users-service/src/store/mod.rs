//! The database, by narrow functions: handlers know these and no SQL.

mod profiles;

pub(crate) use profiles::Profiles;
