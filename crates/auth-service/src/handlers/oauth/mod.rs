//! `/oauth2`: what software asks for in its own name, in the words of RFC 6749.

mod authentication;
mod error;
mod exchange;
pub(crate) mod introspect;
mod parameters;
mod presented;
pub(crate) mod revoke;
pub(crate) mod token;

pub(super) use exchange::TOKEN_EXCHANGE;
