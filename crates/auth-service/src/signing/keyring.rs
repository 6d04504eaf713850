//! The keys in use: one that signs, and the published set. Loaded at start; made on the very first start.
//!
//! However many replicas start together on an empty database, the database lets one key become the active one,
//! and all of them load that one.

use std::{sync::Arc, time::Duration};

use chassis::{
    Ambient,
    database::{self, Database},
};
use identity::Claims;
use tokio::task::{JoinError, spawn_blocking};

use super::{
    jwks::PublishedKeys,
    key::{self, KeyError, SigningKey},
    token::{SignError, TokenSigner},
    vault::{Sealed, Vault},
};
use crate::store::keys::{self, ACTIVE, StoredKey};

/// Signs, and knows what is published.
#[derive(Debug)]
pub(crate) struct Keyring {
    signer: TokenSigner,
    published: PublishedKeys,
}

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The table of keys cannot be read or written.
    #[error("signing keys cannot be read or stored")]
    Database(#[from] database::Error),
    /// A key cannot be made or used.
    #[error("the signing key cannot be used: {0}")]
    Key(String),
}

impl From<KeyError> for KeyringError {
    fn from(error: KeyError) -> Self {
        Self::Key(error.to_string())
    }
}

impl From<Sealed> for KeyringError {
    fn from(error: Sealed) -> Self {
        Self::Key(error.to_string())
    }
}

impl From<JoinError> for KeyringError {
    fn from(error: JoinError) -> Self {
        Self::Key(error.to_string())
    }
}

impl From<serde_json::Error> for KeyringError {
    fn from(error: serde_json::Error) -> Self {
        Self::Key(error.to_string())
    }
}

impl Keyring {
    /// Loads the keys, after making the first one if there is none.
    pub(crate) async fn open(
        database: &Database,
        vault: &Vault,
        bits: u32,
        max_age: Duration,
        ambient: &Ambient,
    ) -> Result<Self, KeyringError> {
        let mut stored = keys::published(&mut database.read().await?).await?;
        if !stored.iter().any(|key| key.state == ACTIVE) {
            make_first(database, vault, bits, ambient).await?;
            stored = keys::published(&mut database.read().await?).await?;
        }
        Self::load(stored, vault, max_age)
    }

    fn load(stored: Vec<StoredKey>, vault: &Vault, max_age: Duration) -> Result<Self, KeyringError> {
        let active = stored.iter().find(|key| key.state == ACTIVE);
        let active = active.ok_or_else(|| KeyringError::Key("no key is active".to_owned()))?;
        let private = vault.open(&active.public.kid, active.sealed_private.as_deref().unwrap_or_default())?;
        let key = SigningKey::open(&private)?;
        if key.public() != &active.public {
            return Err(KeyringError::Key("its private half does not fit its public one".to_owned()));
        }
        let published = PublishedKeys::new(stored.into_iter().map(|key| key.public).collect(), max_age)?;
        Ok(Self { signer: TokenSigner::new(key), published })
    }

    /// The token that says `claims`, signed with the active key.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, SignError> {
        self.signer.sign(claims)
    }

    /// The key set as verifiers get it.
    pub(crate) fn published(&self) -> &PublishedKeys {
        &self.published
    }
}

/// Makes a key and offers it as the first. Another replica may be faster; then its key is the one.
async fn make_first(
    database: &Database,
    vault: &Vault,
    bits: u32,
    ambient: &Ambient,
) -> Result<(), KeyringError> {
    let entropy = Arc::clone(&ambient.entropy);
    let private = spawn_blocking(move || key::generate(bits, entropy.as_ref())).await??;
    let key = SigningKey::open(&private)?;
    let sealed = vault.seal(&key.public().kid, &private, ambient.entropy.as_ref());
    let mut transaction = database.begin().await?;
    keys::insert_first(&mut transaction, key.public(), sealed, ambient.clock.now()).await?;
    transaction.commit().await?;
    tracing::info!(kid = key.public().kid, bits, "made a signing key");
    Ok(())
}
