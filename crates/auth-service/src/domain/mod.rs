//! The rules of credentials and sessions, pure: the clock and the dice are passed in, nothing here knows HTTP or SQL.
//!
//! Where next: [`session`] decides what a presented refresh token earns, [`refresh_token`] reads and writes
//! such tokens; `handlers/refresh.rs` puts the two to work.

pub(crate) mod admin_link;
pub(crate) mod client_assertion;
pub(crate) mod client_rights;
pub(crate) mod exchange;
pub(crate) mod key_cycle;
pub(crate) mod lifetime;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod refresh_token;
pub(crate) mod registered_client;
pub(crate) mod session;
pub(crate) mod token_id;
pub(crate) mod user;
