//! A set of keys (RFC 7517 §5), parsed as a whole or not at all, and never changed afterwards.
//!
//! What makes the **whole set** be refused, so that the one in use stays: it is not strict JSON of the expected
//! form, too long, holds too many keys, has two keys of one name, a key of ours whose numbers cannot be read, a
//! private or symmetric member anywhere (whoever publishes secrets has lost control of them), or nothing of use.
//! What makes **one key be ignored**, as RFC 7517 §5 asks: another key type, algorithm or use than the issuer is trusted
//! with, no name, an RSA size or exponent that is not supported, or numbers that are known to be weak. Ignoring a weak key is safe, since it then verifies nothing,
//! and better than refusing its set, which would keep withdrawn keys alive. Where next: `store`.

use std::borrow::Cow;

use aws_lc_rs::digest::{Digest, SHA256, digest};
use serde::Deserialize;

use super::{jwk::RawJwk, key::Key};
use crate::{Algorithm, Limits, json};

/// Why a key set document was refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SetFault {
    /// Longer than a key set may be.
    #[error("it is too long")]
    TooLong,
    /// Not strict JSON, or not of the form of a key set (RFC 7517 §5).
    #[error("it is not a key set")]
    NotAKeySet,
    /// More keys than a set may hold.
    #[error("it holds too many keys")]
    TooManyKeys,
    /// A private or symmetric key is in it.
    #[error("it publishes a private or symmetric key")]
    SecretPublished,
    /// Two keys have one name.
    #[error("two of its keys have one name")]
    DuplicateKid,
    /// A key meant for an algorithm the issuer is trusted with cannot be read.
    #[error("one of its keys cannot be read")]
    MalformedKey,
    /// No key in it can be used here.
    #[error("none of its keys can be used")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<RawJwk<'a>>,
}

/// One key that is published by nobody, and so needs no name.
pub(crate) fn one_key(document: &[u8], limits: &Limits) -> Result<Key, SetFault> {
    if document.len() > limits.set_bytes {
        return Err(SetFault::TooLong);
    }
    let mut raw: RawJwk<'_> = json::parse(document, limits.json_depth).map_err(|_| SetFault::NotAKeySet)?;
    raw.kid = Some(Cow::Borrowed("registered"));
    raw.parse(&Algorithm::ALL, limits)?.ok_or(SetFault::NoUsableKey)
}

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
    /// SHA-256 of the document.
    digest: Digest,
}

impl KeySet {
    /// Reads what an issuer publishes that is trusted with these algorithms.
    pub(crate) fn parse(document: &[u8], trusted: &[Algorithm], limits: &Limits) -> Result<Self, SetFault> {
        if document.len() > limits.set_bytes {
            return Err(SetFault::TooLong);
        }
        let Document { keys: published } =
            json::parse(document, limits.json_depth).map_err(|_| SetFault::NotAKeySet)?;
        if published.len() > limits.set_keys {
            return Err(SetFault::TooManyKeys);
        }
        if has_repeated_kid(&published) {
            return Err(SetFault::DuplicateKid);
        }
        let mut keys = Vec::with_capacity(published.len());
        for key in published {
            keys.extend(key.parse(trusted, limits)?);
        }
        if keys.is_empty() {
            Err(SetFault::NoUsableKey)
        } else {
            Ok(Self { keys, digest: digest(&SHA256, document) })
        }
    }

    /// The key that the issuer calls `kid`. Keys are few, so that comparing them all is faster than hashing.
    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// Equal for equal documents.
    pub(super) fn digest(&self) -> &[u8] {
        self.digest.as_ref()
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }
}

fn has_repeated_kid(keys: &[RawJwk<'_>]) -> bool {
    let mut names: Vec<_> = keys.iter().filter_map(|key| key.kid.as_deref()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

#[cfg(test)]
mod tests;
