//! Software that acts for itself (RFC 6749 §1.1 and §2), and the secret by which it is known.

use std::{fmt, str::FromStr};

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{Entropy, Scopes, scope};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    client_assertion::ClientKey,
    client_rights::{ClientRights, narrowed},
};

/// Software that was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegisteredClient {
    pub(crate) id: ClientId,
    /// The `sub` of its own tokens.
    pub(crate) subject: Uuid,
    /// For people.
    pub(crate) name: String,
    /// Of no use to one that has a key.
    pub(crate) secret: SecretHash,
    /// By what it shows who it is, instead of a secret.
    pub(crate) key: Option<ClientKey>,
    /// What it may ask for.
    pub(crate) rights: ClientRights,
    /// Raised when every token that it was given before must end (`ver`).
    pub(crate) version: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) disabled_at: Option<Timestamp>,
}

/// The client software of first-party logins (`client_id`). Nobody else can be registered by this name.
pub(crate) const FIRST_PARTY: &str = "signet";

/// The name of a client in tokens and settings: 1 to 64 lower-case letters, digits and dashes, but not `signet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientId(String);

/// The text cannot be a client's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client's name has 1 to 64 lower-case letters, digits and dashes, begins with a letter and is not signet"
)]
pub struct InvalidClientId;

/// What is kept of a secret. It has 256 random bits, so one SHA-256 keeps it as well as many would.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretHash([u8; 32]);

impl ClientId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = InvalidClientId;

    fn from_str(text: &str) -> Result<Self, InvalidClientId> {
        let is_letter = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let begins_well = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        let is_one = begins_well && text.len() <= 64 && text.as_bytes().iter().all(is_letter);
        (is_one && text != FIRST_PARTY).then(|| Self(text.to_owned())).ok_or(InvalidClientId)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A new secret: 256 random bits as base64url.
pub(crate) fn new_secret(entropy: &dyn Entropy) -> SecretString {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

impl SecretHash {
    pub(crate) fn of(secret: &SecretString) -> Self {
        let hash = digest::digest(&digest::SHA256, secret.expose_secret().as_bytes());
        Self(hash.as_ref().try_into().unwrap_or_default())
    }

    /// Whether it is the hash of `secret`, in a time that does not tell.
    pub(crate) fn fits(&self, secret: &SecretString) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &Self::of(secret).0).is_ok()
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it was kept.
    pub(crate) fn restore(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl RegisteredClient {
    /// What it is granted when it asks for `requested`: all it may have when it does not say.
    pub(crate) fn grants(&self, requested: Option<&str>) -> Option<Scopes> {
        narrowed(&self.rights.scopes, requested)
    }

    /// Whom its token is meant for when it names one of them: all that it may name when it does not.
    pub(crate) fn audiences(&self, requested: Option<&str>) -> Option<Vec<String>> {
        let audiences = &self.rights.audiences;
        let Some(requested) = requested else { return Some(audiences.clone()) };
        audiences.iter().find(|audience| *audience == requested).map(|audience| vec![audience.clone()])
    }

    /// Whether it may revoke what was issued to the client called `owner` (RFC 7009 §2.1): itself, unless it may more.
    pub(crate) fn may_revoke(&self, owner: &str) -> bool {
        self.id.as_str() == owner || self.rights.scopes.grants::<scope::RevocationsWrite>()
    }
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["users-service", "a", &"a".repeat(64)] {
            assert_eq!(name.parse::<ClientId>().unwrap().as_str(), name);
        }
        for name in ["", "signet", "1a", "-a", "Users", "a b", "a:b", "ä", &"a".repeat(65)] {
            assert_eq!(name.parse::<ClientId>(), Err(InvalidClientId), "{name}");
        }
    }

    #[test]
    fn a_secret_fits_its_hash_and_no_other() {
        let (one, other) = (new_secret(&SystemEntropy), new_secret(&SystemEntropy));
        let hash = SecretHash::of(&one);
        assert!(hash.fits(&one) && !hash.fits(&other) && !hash.fits(&"".into()));
        assert_eq!(one.expose_secret().len(), 43);
        assert_eq!(SecretHash::restore(hash.as_bytes()), Some(hash));
        assert_eq!(SecretHash::restore(&[0; 31]), None);
    }
}
