//! The authentication service: credentials, sessions, signing keys and the published key set.
//!
//! The only place in the system where a private key exists; nothing here can be linked to sign with it. Where
//! next: [`Service`], then `routes`, then `handlers::login` and `handlers::refresh`.

mod accounts;
mod administration;
mod app;
mod client;
mod clients;
mod domain;
mod endings;
mod grant;
mod handlers;
mod housekeeping;
mod limits;
mod liveness;
mod master_key;
mod metrics;
mod passwords;
mod problems;
mod redis_server;
mod revocation;
mod rotation;
mod routes;
mod service;
mod settings;
mod signing;
mod store;
mod wake;

pub use accounts::AccountError;
pub use administration::{Administration, ClientSummary, SigningKeyInfo};
pub use domain::client_assertion::{ClientKey, InvalidClientKey};
pub use domain::client_rights::{Acting, ClientRights};
pub use domain::registered_client::{ClientId, InvalidClientId};
pub use domain::token_id::{InvalidTokenId, token_id};
pub use domain::user::{InvalidName, Name};
pub use limits::{InvalidQuota, Quota};
pub use master_key::{InvalidMasterKey, MasterKey, MasterKeys};
pub use passwords::{HashError, Overloaded};
pub use problems::ALL as PROBLEMS;
pub use service::{BuildError, Service};
pub use settings::{Issuer, Lifetimes, Settings};
pub use signing::{
    keyring::KeyringError,
    public::{InvalidPublicKey, public_key_pem},
};
