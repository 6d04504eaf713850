//! What a request said, as a value that tells nothing about it.
//!
//! Requests here carry card numbers. Most of such a number is no secret, so a plain hash of it can be undone by
//! trying the rest; a hash under a key that the database does not know cannot.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Keeps this use of the secret apart from every other.
const PURPOSE: &[u8] = b"signet payments: fingerprints of idempotent requests";

/// The key of fingerprints.
#[derive(Clone)]
pub struct FingerprintKey(hmac::Key);

/// Equal for equal contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub(super) Vec<u8>);

impl FingerprintKey {
    /// Derives the key from a secret of this service.
    #[must_use]
    pub fn derive(secret: &SecretString) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, PURPOSE).as_ref()))
    }

    /// The fingerprint of a request's parts.
    pub(crate) fn fingerprint(&self, content: &[&[u8]]) -> Fingerprint {
        let mut mac = hmac::Context::with_key(&self.0);
        for part in content {
            // With its length before it, no part can pass for the end of another.
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        Fingerprint(mac.sign().as_ref().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_keys_and_boundaries_all_count() {
        let key = |secret: &str| FingerprintKey::derive(&SecretString::from(secret.to_owned()));
        let fingerprint = key("one").fingerprint(&[b"payment", b"4242"]);
        assert_eq!(fingerprint, key("one").fingerprint(&[b"payment", b"4242"]));
        assert_ne!(fingerprint, key("one").fingerprint(&[b"payment", b"4243"]));
        assert_ne!(fingerprint, key("one").fingerprint(&[b"payment4", b"242"]));
        assert_ne!(fingerprint, key("two").fingerprint(&[b"payment", b"4242"]));
    }
}
