//! The nouns all services share, and nothing that acts: no I/O, no cryptography, no framework.
//!
//! A request carries [`Claims`]; they name a [`UserId`], a [`SessionId`], [`Role`]s and [`Scopes`]. Time and
//! randomness reach every other crate as a [`Clock`] and an [`Entropy`]. Where next: `verifier`, which turns
//! a bearer string into [`Claims`].
#![warn(missing_docs)]

mod chance;
mod claims;
mod clock;
mod email;
mod ids;
mod jwks;
mod role;
pub mod scope;

pub use compact_str::CompactString;

pub use chance::{Entropy, SystemEntropy};
pub use claims::{Actor, Claims};
pub use clock::{Clock, SystemClock};
pub use email::{Email, InvalidEmail};
pub use ids::{SessionId, TokenId, UserId, uuid_v7};
pub use jwks::{JwkSet, PublicJwk};
pub use role::{Role, Roles, UnknownRole};
pub use scope::{RequiredScope, Scopes};
