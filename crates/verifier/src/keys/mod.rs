//! The issuer's public keys: fetched in the background, kept in memory, found without a lock.
//!
//! `source` and `fetch` get a document, `jwk`, `weak` and `set` judge it, `store` holds it, `schedule` decides when the next
//! one is due, `refresh` is the loop that does it, `unknown` lets a few requests wait for it, `snapshot` keeps the last
//! one on disk.

mod failure;
mod fetch;
mod freshness;
mod jwk;
mod key;
mod negative;
mod refresh;
mod schedule;
mod set;
pub(crate) mod snapshot;
pub(crate) mod source;
mod store;
mod unknown;
mod weak;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use identity::{Clock, Entropy};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::Instant,
};

use crate::{Algorithm, HealthReason, Limits, Trust};
pub use failure::FetchFailure;
pub(crate) use fetch::Endpoint;
pub(crate) use key::Key;
pub(crate) use schedule::Ruling;
use schedule::Schedule;
pub(crate) use set::KeySet;
pub use set::SetFault;
pub(crate) use set::one_key;
pub(crate) use snapshot::Archive;
use source::Source;
pub(crate) use store::Store;

/// The end of a fetch.
#[derive(Debug, Clone, Copy, Default)]
struct Landing {
    number: schedule::Flight,
    succeeded: bool,
}

/// Everything about the keys of one issuer.
pub(crate) struct Keys {
    pub(crate) store: Store,
    pub(crate) fetches: AtomicU64,
    pub(crate) fetch_failures: AtomicU64,
    algorithms: Vec<Algorithm>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    source: Box<dyn Source>,
    archive: Option<Arc<Archive>>,
    schedule: Mutex<Schedule>,
    /// Wakes the loop when a fetch may be due earlier than it thinks.
    rescheduled: Notify,
    /// The last fetch that ended.
    landed: watch::Sender<Landing>,
    /// The places for requests that wait.
    places: Semaphore,
    /// Held by the loop that works.
    runner: tokio::sync::Mutex<()>,
}

impl Keys {
    pub(crate) fn new(
        trust: &Trust,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        source: Box<dyn Source>,
    ) -> Self {
        Self {
            store: Store::new(limits.stale_limit),
            fetches: AtomicU64::new(0),
            fetch_failures: AtomicU64::new(0),
            algorithms: trust.algorithms.clone(),
            limits: *limits,
            clock,
            entropy,
            source,
            archive: None,
            schedule: Mutex::new(Schedule::new(limits, Instant::now())),
            rescheduled: Notify::new(),
            landed: watch::Sender::default(),
            places: Semaphore::new(limits.waiters),
            runner: tokio::sync::Mutex::default(),
        }
    }

    /// The same, with the key set out of `archive` in use if there is one, and the next ones kept there.
    pub(crate) fn with_archive(self, archive: Archive, trust: &Trust) -> Self {
        if let Some((keys, published)) = archive.restore(trust, &self.limits, self.clock.now()) {
            self.store.replace(keys, published.etag, published.confirmed_at);
        }
        Self { archive: Some(Arc::new(archive)), ..self }
    }

    /// How many snapshots were written, and how many could not be.
    pub(crate) fn snapshots(&self) -> (u64, u64) {
        self.archive.as_ref().map(|archive| archive.outcomes.counts()).unwrap_or_default()
    }

    /// Never held across an await, and never on the way of a token under a known key.
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the schedule, and wakes the loop if the next fetch is now due earlier.
    fn reschedule<T>(&self, change: impl FnOnce(&mut Schedule) -> T) -> T {
        let mut schedule = self.schedule();
        let before = schedule.due();
        let outcome = change(&mut schedule);
        let earlier = schedule.due() < before;
        drop(schedule);
        if earlier {
            self.rescheduled.notify_one();
        }
        outcome
    }

    /// When a caller that was turned away for lack of keys should try again.
    pub(crate) fn retry_after(&self) -> Duration {
        self.schedule().retry_after(Instant::now())
    }

    /// Returns once the keys at hand are usable.
    pub(crate) async fn until_usable(&self) {
        let mut landed = self.landed.subscribe();
        while !self.store.is_usable(self.clock.now()) {
            // The sender lives in `self`, so this cannot end otherwise than by a fetch.
            let _ = landed.changed().await;
        }
    }

    /// What is wrong at the moment, if anything.
    pub(crate) fn complaints(&self) -> Vec<HealthReason> {
        let usable = self.store.is_usable(self.clock.now());
        let missing = match (usable, self.store.load().is_some()) {
            (true, _) => None,
            (false, true) => Some(HealthReason::PastStaleLimit),
            (false, false) => Some(HealthReason::NeverLoaded),
        };
        let failing = self
            .schedule()
            .failing()
            .map(|(attempts, failure)| HealthReason::FetchFailing { attempts, failure });
        let idle = self.runner.try_lock().is_ok().then_some(HealthReason::NotRunning);
        let unkept = self.archive.as_ref().and_then(|archive| archive.outcomes.failing());
        let unkept = unkept.map(|failure| HealthReason::SnapshotFailing { failure });
        missing.into_iter().chain(failing).chain(idle).chain(unkept).collect()
    }
}
