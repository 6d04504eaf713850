//! A bearer string in, [`Claims`] or a [`Rejection`] out, from cached public keys: no call and no look-up per request.
//!
//! # The way of a token
//!
//! 1. [`bearer`] takes it out of the one `Authorization` header there may be (RFC 6750 §2.1).
//! 2. A token that was verified within the last minute is recognised by its whole text (`cache`) and goes on at step 6.
//! 3. It is split into its three parts, its header is read strictly, and whatever is not an access token naming its key
//!    is refused (`token::compact`, `token::header`; RFC 7515, RFC 9068 §2.1, RFC 8725).
//! 4. The key is looked up among those of its issuer (`issuer`, `keys::store`), without a lock and without waiting, and the
//!    signature is verified with that key, parsed and bound to one algorithm when it was fetched (`keys::jwk`): RS256, unless
//!    the issuer is trusted with others ([`Trust::algorithms`]).
//! 5. The claims are read strictly (`token::claims`, `json`).
//! 6. They are judged, all rules in one function (`token::claims`; RFC 9068 §4), and so is whether any of them was
//!    revoked (`revocation`).
//!
//! Under a key that is not at hand, the claims are first judged as if the signature were good (`unverified`), so that
//! garbage costs nothing; then a few requests may wait, 1 s at most, for a fetch (`keys::unknown`). Nobody else ever waits:
//! [`Verifier::run`] fetches in the background, ahead of time (`keys::refresh`, `keys::schedule`).
//!
//! When the issuer is down, the keys serve on for 24 h. After that, and before the first fetch, the answer is 503 with
//! `Retry-After`, except to tokens that would be refused anyhow: they get their 401. Kept on disk
//! ([`Builder::snapshots`], `keys::snapshot`), they are at hand from the start, too, and so is what was revoked
//! (`feed::journal`).
//!
//! ```
//! # async fn example(header: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! use verifier::{Trust, Verifier};
//!
//! let jwks_url = "https://auth.example/.well-known/jwks.json".parse()?;
//! let verifier = Verifier::builder(Trust::new("https://auth.example", "users", jwks_url)).build()?;
//! tokio::spawn({
//!     let verifier = verifier.clone();
//!     async move { verifier.run().await }
//! });
//!
//! let caller = verifier.authenticate([header].into_iter()).await?;
//! println!("{} may {}", caller.subject, caller.scope.as_str());
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `testing` there is a throwaway issuer, good and forged tokens, clocks and a scripted key endpoint,
//! for the tests of services: see `testing`.
#![warn(missing_docs)]

pub mod access;
mod algorithm;
mod base64url;
mod bearer;
mod builder;
mod cache;
mod counters;
mod disk;
#[cfg(feature = "feed")]
pub mod feed;
#[cfg(test)]
mod fuzz;
mod health;
mod issuer;
mod jitter;
mod json;
mod keys;
mod limits;
mod public_key;
mod rejection;
mod revocation;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod trust;
mod unverified;
mod verified;
mod verifier;

pub use algorithm::Algorithm;
pub use bearer::{MAX_HEADER_BYTES, bearer};
pub use builder::Builder;
pub use counters::Counters;
pub use health::{FeedHealth, Health, HealthReason, IssuerHealth};
pub use identity::{Actor, Claims, Clock, Entropy};
pub use keys::{FetchFailure, SetFault};
pub use limits::{InvalidLimits, Limits};
pub use public_key::PublicKey;
pub use rejection::{Reason, Rejection};
pub use revocation::{Revocation, RevokeError, Revoked};
pub use trust::Trust;
pub use url::Url;
pub use verified::Verified;
pub use verifier::Verifier;
