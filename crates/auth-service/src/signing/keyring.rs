//! The keys in use: one that signs, and the published set. Loaded at start, and again whenever a replica has changed
//! them; made on the very first start. Where next: `rotation`, which changes them.
//!
//! However many replicas start together on an empty database, the database lets one key become the active one,
//! and all of them load that one.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use chassis::{
    Ambient,
    database::{self, Database, Queryable},
    problem::{Problem, codes},
};
use identity::Claims;
use tokio::{
    sync::Mutex,
    task::{JoinError, spawn_blocking},
};

use super::{
    jwks::PublishedKeys,
    key::{self, KeyError, SigningKey},
    token::{SignError, TokenSigner},
    vault::{Sealed, Vault},
};
use crate::{
    domain::key_cycle::{self, Cycle, Key, State},
    problems,
    store::keys::{self, StoredKey},
};

/// Signs, and knows what is published.
#[derive(Debug)]
pub(crate) struct Keyring {
    loaded: ArcSwap<Loaded>,
    vault: Vault,
    policy: KeyPolicy,
    /// Held while a key is made: that takes a processor for a while, and one is enough.
    pub(crate) making: Mutex<()>,
}

/// What new keys are like and how long they serve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPolicy {
    /// Length of the modulus.
    pub(crate) bits: u32,
    /// For which verifiers may keep the key set without asking.
    pub(crate) max_age: Duration,
    pub(crate) cycle: Cycle,
}

/// The keys as they were at one moment.
#[derive(Debug)]
struct Loaded {
    /// How often they had been changed.
    version: i64,
    signer: TokenSigner,
    published: Arc<PublishedKeys>,
    /// Those that are published.
    keys: Vec<Key>,
}

/// A key that was made and is not stored yet.
pub(crate) struct NewKey {
    pub(crate) key: SigningKey,
    pub(crate) sealed: Vec<u8>,
}

/// The keys cannot be used, or not changed as was wished.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The table of keys cannot be read or written.
    #[error("signing keys cannot be read or stored")]
    Database(#[from] database::Error),
    /// A key cannot be made or used.
    #[error("the signing key cannot be used: {0}")]
    Key(String),
    /// There is no key of this name.
    #[error("there is no such signing key")]
    Unknown,
    /// The key is there already, in whatever state.
    #[error("this signing key is known already")]
    Known,
    /// Somebody else changed the keys in the same moment. Trying again helps.
    #[error("the signing keys were changed by somebody else at the same moment")]
    Raced,
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

impl From<KeyringError> for Problem {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Database(error) => error.into(),
            KeyringError::Unknown => Self::new(&codes::NOT_FOUND),
            KeyringError::Known => Self::new(&problems::KEY_KNOWN),
            KeyringError::Raced => {
                Self::new(&codes::UNAVAILABLE).retry_after(Duration::from_secs(1)).cause(error)
            }
            KeyringError::Key(_) => Self::new(&codes::INTERNAL).cause(error),
        }
    }
}

impl Keyring {
    /// Loads the keys, after making the first one if there is none.
    pub(crate) async fn open(
        database: &Database,
        vault: Vault,
        policy: KeyPolicy,
        ambient: &Ambient,
    ) -> Result<Self, KeyringError> {
        let stored = keys::published(&mut database.read().await?).await?;
        if stored.iter().any(|key| key.life.state == State::Active) {
            reseal(stored, database, &vault, ambient).await?;
        } else {
            make_first(database, &vault, policy.bits, ambient).await?;
        }
        let loaded = Loaded::read(&mut database.read().await?, &vault, policy.max_age).await?;
        Ok(Self { loaded: ArcSwap::from_pointee(loaded), vault, policy, making: Mutex::new(()) })
    }

    /// Loads the keys again if they were changed since.
    pub(crate) async fn refresh(&self, database: &Database) -> Result<(), KeyringError> {
        let mut connection = database.read().await?;
        if keys::version(&mut connection).await? != self.loaded.load().version {
            let loaded = Loaded::read(&mut connection, &self.vault, self.policy.max_age).await?;
            tracing::info!(kid = loaded.signer.kid(), keys = loaded.keys.len(), "signing keys have changed");
            self.loaded.store(Arc::new(loaded));
        }
        Ok(())
    }

    /// Makes a key, which nobody knows until it is stored. Hold [`making`](Self::making).
    pub(crate) async fn make(&self, ambient: &Ambient) -> Result<NewKey, KeyringError> {
        make(&self.vault, self.policy.bits, ambient).await
    }

    /// Takes over a private key that was made elsewhere, in PKCS#8.
    pub(crate) fn adopt(&self, private: &[u8], ambient: &Ambient) -> Result<NewKey, KeyringError> {
        NewKey::seal(private, &self.vault, ambient)
    }

    /// The token that says `claims`, signed with the active key.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, SignError> {
        self.loaded.load().signer.sign(claims)
    }

    /// The key set as verifiers get it.
    pub(crate) fn published(&self) -> Arc<PublishedKeys> {
        Arc::clone(&self.loaded.load().published)
    }

    /// What the time has come for, as far as is known here.
    pub(crate) fn due(&self, now: jiff::Timestamp) -> Option<key_cycle::Step> {
        key_cycle::due(&self.loaded.load().keys, now)
    }

    pub(crate) fn cycle(&self) -> &Cycle {
        &self.policy.cycle
    }
}

impl Loaded {
    async fn read(on: &mut impl Queryable, vault: &Vault, max_age: Duration) -> Result<Self, KeyringError> {
        // First, so that what changes meanwhile is noticed the next time.
        let version = keys::version(on).await?;
        let stored = keys::published(on).await?;
        let active = stored.iter().find(|key| key.life.state == State::Active);
        let active = active.ok_or_else(|| KeyringError::Key("no key is active".to_owned()))?;
        let signer = TokenSigner::new(open(active, vault)?);
        let (lives, public): (Vec<_>, _) = stored.into_iter().map(|key| (key.life, key.public)).unzip();
        let published = PublishedKeys::new(public, max_age, key_cycle::next_change(&lives))?;
        Ok(Self { version, signer, published: Arc::new(published), keys: lives })
    }
}

impl NewKey {
    fn seal(private: &[u8], vault: &Vault, ambient: &Ambient) -> Result<Self, KeyringError> {
        let key = SigningKey::open(private)?;
        let sealed = vault.seal(&key.public().kid, private, ambient.entropy.as_ref());
        Ok(Self { key, sealed })
    }
}

fn open(stored: &StoredKey, vault: &Vault) -> Result<SigningKey, KeyringError> {
    let private = vault.open(&stored.public.kid, stored.sealed_private.as_deref().unwrap_or_default())?;
    let key = SigningKey::open(&private.content)?;
    if key.public() == &stored.public {
        Ok(key)
    } else {
        Err(KeyringError::Key("its private half does not fit its public one".to_owned()))
    }
}

/// Makes a key and offers it as the first. Another replica may be faster; then its key is the one.
async fn make_first(
    database: &Database,
    vault: &Vault,
    bits: u32,
    ambient: &Ambient,
) -> Result<(), KeyringError> {
    let NewKey { key, sealed } = make(vault, bits, ambient).await?;
    let mut transaction = database.begin().await?;
    keys::lock(&mut transaction).await?;
    keys::insert_first(&mut transaction, key.public(), sealed, ambient.clock.now()).await?;
    transaction.commit().await?;
    tracing::info!(kid = key.public().kid, bits, "made a signing key");
    Ok(())
}

async fn make(vault: &Vault, bits: u32, ambient: &Ambient) -> Result<NewKey, KeyringError> {
    let entropy = Arc::clone(&ambient.entropy);
    let private = spawn_blocking(move || key::generate(bits, entropy.as_ref())).await??;
    NewKey::seal(&private, vault, ambient)
}

/// Seals under the first master key what was sealed under another, so that the other can be given up.
async fn reseal(
    stored: Vec<StoredKey>,
    database: &Database,
    vault: &Vault,
    ambient: &Ambient,
) -> Result<(), KeyringError> {
    for StoredKey { public, sealed_private, .. } in stored {
        let Some(sealed) = sealed_private else { continue };
        let kid = &public.kid;
        let private = vault.open(kid, &sealed)?;
        if private.is_current {
            continue;
        }
        let anew = vault.seal(kid, &private.content, ambient.entropy.as_ref());
        let mut transaction = database.begin().await?;
        keys::lock(&mut transaction).await?;
        keys::reseal(&mut transaction, kid, anew).await?;
        transaction.commit().await?;
        tracing::info!(kid, "sealed a signing key under the first master key");
    }
    Ok(())
}
