//! What a service needs before it has a domain, and no noun of any domain.
//!
//! A service reads [`settings`], opens its [`database`], keeps up its [`verification`] of tokens by [`keys`], mounts its routes on an
//! [`http`] server (and its gRPC methods on an [`rpc`] server), and has a [`lifecycle`] that ends with [`shutdown`]. To call another
//! service it asks the issuer for tokens as a [`client`]. Its handlers take a
//! [`caller`] and answer with a [`problem`] when they must. A module is here because at least two services need
//! it unchanged.
#![warn(missing_docs)]

pub mod ambient;
pub mod caller;
pub mod client;
pub mod database;
pub mod health;
pub mod http;
pub mod keys;
pub mod lifecycle;
pub mod metrics;
pub mod outbox;
pub mod page;
pub mod problem;
pub mod process;
pub mod rpc;
pub mod settings;
pub mod shutdown;
pub mod telemetry;
pub mod trace;
pub mod verification;
pub mod verification_metrics;

pub use ambient::Ambient;
pub use caller::{Caller, Within};
pub use lifecycle::Lifecycle;
pub use shutdown::Shutdown;
