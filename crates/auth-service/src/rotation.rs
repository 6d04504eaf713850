//! Changing the signing keys: what is due by itself, and what somebody wishes. Every change is one transaction under the
//! lock of the key ring, so however many replicas are at it, each change happens once.
//! Where next: `domain::key_cycle`, which decides; `signing::keyring`, which then loads what was decided.

use std::time::Duration;

use chassis::database::{self, Transaction};
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval, timeout};
use verifier::Revoked;

use crate::{
    app::{App, By},
    domain::key_cycle::{self, Cycle, Key, Rotation, State, Step},
    revocation,
    signing::{
        key,
        keyring::{KeyringError, NewKey},
    },
    store::{
        audit::{Action, Deed},
        keys,
    },
    wake::Listener,
};

/// How often it is looked whether another replica changed a key, and whether something is due.
const LOOK: Duration = Duration::from_secs(1);
/// How long that may take. Making a key of 4096 bits takes some seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// The key ring, locked.
struct Ring {
    transaction: Transaction,
    /// Those that are published.
    keys: Vec<Key>,
    now: Timestamp,
}

impl App {
    /// Learns what other replicas changed and does what is due, until it is dropped.
    pub(crate) async fn keep_keys(&self, mut wakes: Listener) {
        let (mut turns, mut failing) = (interval(LOOK), false);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Whatever is revoked may be a key, which must not sign a moment longer than it is good.
        let mut revoked = self.tail.ends();
        loop {
            tokio::select! {
                _ = turns.tick() => {}
                () = wakes.woken() => {}
                Ok(()) = revoked.changed() => {}
            }
            let outcome = timeout(PATIENCE, self.look_after_keys()).await;
            let failure = match outcome {
                Ok(outcome) => outcome.err().map(|error| error.to_string()),
                Err(_) => Some("it takes too long".to_owned()),
            };
            if let Some(error) = failure.as_ref().filter(|_| !failing) {
                tracing::warn!(%error, "signing keys cannot be looked after; trying again every second");
            }
            failing = failure.is_some();
        }
    }

    async fn look_after_keys(&self) -> Result<(), KeyringError> {
        self.keyring.refresh(&self.database).await?;
        match self.keyring.due(self.now()) {
            None => Ok(()),
            Some(Step::Make) => self.make_next_key().await,
            Some(Step::TakeOver { .. } | Step::Drop { .. }) => self.do_what_is_due().await,
        }
    }

    /// Has another key sign as soon as every verifier can know it. Says when that is; `None` if it was a moment ago.
    ///
    /// However often this is asked for at the same time, one key takes over.
    pub(crate) async fn rotate_keys(&self, by: By<'_>) -> Result<Option<Timestamp>, KeyringError> {
        if self.read_keys(Cycle::rotate).await? == Rotation::NeedsKey {
            self.make_next_key().await?;
        }
        let mut ring = self.lock_ring().await?;
        let takes_over_at = match self.keyring.cycle().rotate(&ring.keys, ring.now) {
            Rotation::Done => return Ok(None),
            Rotation::NeedsKey => return Err(KeyringError::Raced),
            Rotation::At(time) => time,
        };
        self.record_by(&mut ring.transaction, Deed::new(Action::KeyRotationAsked), by).await?;
        match key_cycle::next(&ring.keys).cloned() {
            Some(next) if takes_over_at <= ring.now => self.take_over(&mut ring, &next.kid).await?,
            _ => keys::reschedule(&mut ring.transaction, takes_over_at).await?,
        }
        self.commit_ring(ring).await?;
        Ok(Some(takes_over_at))
    }

    /// Has everything refused that the key `kid` ever signed, everywhere and at once. If it is the one that signs, the
    /// next one takes its place in the same moment.
    pub(crate) async fn revoke_key(&self, kid: &str, by: By<'_>) -> Result<(), KeyringError> {
        // Before anything is locked; nearly always there is one.
        let signs =
            |_: &Cycle, keys: &[Key], _| key_cycle::active(keys).is_some_and(|active| active.kid == kid);
        if self.read_keys(signs).await? {
            self.make_next_key().await?;
        }
        let mut ring = self.lock_ring().await?;
        let key = keys::find(&mut ring.transaction, kid).await?.ok_or(KeyringError::Unknown)?.life;
        if key.state == State::Revoked {
            return Ok(());
        }
        keys::demote(&mut ring.transaction, kid, State::Revoked, (ring.now, None)).await?;
        let deed = Deed::new(Action::KeyRevoked).about(Some(kid));
        self.record_by(&mut ring.transaction, deed, by).await?;
        if key.state == State::Active {
            let next = key_cycle::next(&ring.keys).ok_or(KeyringError::Raced)?;
            keys::activate(&mut ring.transaction, &next.kid, ring.now).await?;
        }
        let revoked = vec![Revoked::Key(kid.to_owned())];
        revocation::append(&mut ring.transaction, revoked, ring.now).await?;
        self.commit_ring(ring).await
    }

    /// Has a private key that was made elsewhere be the next one; its name.
    pub(crate) async fn import_key(&self, pem: &str) -> Result<String, KeyringError> {
        let NewKey { key, sealed } = self.keyring.adopt(&key::from_pem(pem)?, &self.ambient)?;
        let kid = key.public().kid.clone();
        let mut ring = self.lock_ring().await?;
        if keys::find(&mut ring.transaction, &kid).await?.is_some() {
            return Err(KeyringError::Known);
        }
        if let Some(never_used) = key_cycle::next(&ring.keys) {
            keys::demote(&mut ring.transaction, &never_used.kid, State::Gone, (ring.now, None)).await?;
        }
        let times = (ring.now, self.keyring.cycle().takes_over_at(&ring.keys, ring.now));
        keys::insert_next(&mut ring.transaction, key.public(), sealed, times).await?;
        let deed = Deed::new(Action::KeyImported).about(Some(&kid));
        self.record_by(&mut ring.transaction, deed, None).await?;
        self.commit_ring(ring).await?;
        Ok(kid)
    }

    /// Has a key be the next one, unless there is one.
    async fn make_next_key(&self) -> Result<(), KeyringError> {
        let _making = self.keyring.making.lock().await;
        if self.read_keys(|_, keys, _| key_cycle::next(keys).is_some()).await? {
            return Ok(());
        }
        let NewKey { key, sealed } = self.keyring.make(&self.ambient).await?;
        let mut ring = self.lock_ring().await?;
        if key_cycle::next(&ring.keys).is_some() {
            return Ok(());
        }
        let times = (ring.now, self.keyring.cycle().takes_over_at(&ring.keys, ring.now));
        keys::insert_next(&mut ring.transaction, key.public(), sealed, times).await?;
        let deed = Deed::new(Action::KeyMade).about(Some(&key.public().kid));
        self.record_by(&mut ring.transaction, deed, None).await?;
        self.commit_ring(ring).await
    }

    async fn do_what_is_due(&self) -> Result<(), KeyringError> {
        let mut ring = self.lock_ring().await?;
        // Looked at again: another replica may have been faster.
        match key_cycle::due(&ring.keys, ring.now) {
            Some(Step::TakeOver { kid }) => self.take_over(&mut ring, &kid).await?,
            Some(Step::Drop { kid }) => {
                keys::demote(&mut ring.transaction, &kid, State::Gone, (ring.now, None)).await?;
            }
            Some(Step::Make) | None => return Ok(()),
        }
        self.commit_ring(ring).await
    }

    async fn take_over(&self, ring: &mut Ring, kid: &str) -> database::Result<()> {
        if let Some(active) = key_cycle::active(&ring.keys) {
            let times = (ring.now, Some(Cycle::gone_at(ring.now)));
            keys::demote(&mut ring.transaction, &active.kid, State::Retiring, times).await?;
        }
        keys::activate(&mut ring.transaction, kid, ring.now).await?;
        let deed = Deed::new(Action::KeyRotated).about(Some(kid));
        self.record_by(&mut ring.transaction, deed, None).await
    }

    /// What `decide` says to the keys as they are in the database.
    async fn read_keys<T>(&self, decide: impl FnOnce(&Cycle, &[Key], Timestamp) -> T) -> database::Result<T> {
        let stored = keys::published(&mut self.database.read().await?).await?;
        let keys: Vec<_> = stored.into_iter().map(|key| key.life).collect();
        Ok(decide(self.keyring.cycle(), &keys, self.now()))
    }

    async fn lock_ring(&self) -> database::Result<Ring> {
        let mut transaction = self.database.begin().await?;
        keys::lock(&mut transaction).await?;
        let stored = keys::published(&mut transaction).await?;
        Ok(Ring { transaction, keys: stored.into_iter().map(|key| key.life).collect(), now: self.now() })
    }

    /// Makes the change lasting; this replica acts by it at once.
    async fn commit_ring(&self, ring: Ring) -> Result<(), KeyringError> {
        ring.transaction.commit().await?;
        self.wake.wake();
        self.keyring.refresh(&self.database).await
    }
}
