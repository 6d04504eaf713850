//! What an operator may do with the signing keys.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::Administration;
use crate::{KeyringError, domain::key_cycle::Key, store::keys};

/// A signing key, without anything that could sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyInfo {
    /// Its name in token headers: the RFC 7638 thumbprint.
    pub kid: String,
    /// `next`, `active`, `retiring`, `gone` or `revoked`.
    pub state: &'static str,
    /// When it came into its state.
    pub since: Timestamp,
    /// When it becomes active, or is gone, by itself.
    pub changes_at: Option<Timestamp>,
}

impl Administration {
    /// The newest signing keys, in whatever state.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyInfo>, KeyringError> {
        let stored = keys::newest(&mut self.0.database.read().await?).await?;
        let info = |Key { kid, state, since, changes_at, .. }| SigningKeyInfo {
            kid,
            state: state.as_str(),
            since,
            changes_at,
        };
        Ok(stored.into_iter().map(|key| info(key.life)).collect())
    }

    /// Has another key sign as soon as every verifier can know it. Says when that is; `None` if it was a moment ago.
    ///
    /// # Errors
    /// When the database does not answer, or a key cannot be made.
    pub async fn rotate_signing_keys(&self) -> Result<Option<Timestamp>, KeyringError> {
        self.0.rotate_keys(None).await
    }

    /// Has everything refused that a key ever signed, everywhere within a second; if it is the one that signs, the next
    /// one takes its place at once.
    ///
    /// # Errors
    /// [`Unknown`](KeyringError::Unknown) if there is no such key, or when the database does not answer.
    pub async fn revoke_signing_key(&self, kid: &str) -> Result<(), KeyringError> {
        self.0.revoke_key(kid, None).await
    }

    /// Has a private RSA key that was made elsewhere (PEM, PKCS#8 or PKCS#1) be the next one; its name.
    ///
    /// # Errors
    /// When it is no key that may sign here, when it [was known](KeyringError::Known), or when the database does not answer.
    pub async fn import_signing_key(&self, pem: &SecretString) -> Result<String, KeyringError> {
        self.0.import_key(pem.expose_secret()).await
    }
}
