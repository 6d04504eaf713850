//! The authentication service: credentials, sessions, signing keys and the published key set.

mod domain;
mod limits;
mod master_key;
mod passwords;
mod signing;

pub use limits::{InvalidQuota, Quota};
pub use master_key::{InvalidMasterKey, MasterKey};
