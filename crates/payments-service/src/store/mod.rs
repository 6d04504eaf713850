//! The database, by narrow functions. What changes money takes a transaction; its rows are locked by whoever reads
//! them to decide something.

pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod releases;
