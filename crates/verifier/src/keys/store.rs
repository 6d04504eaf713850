//! The key set in use, swapped as a whole: readers take no lock and see either the old set or the new one.
//! Where next: `refresh`, the only writer.

use std::{sync::Arc, time::Duration};

use arc_swap::{ArcSwapOption, Guard};
use jiff::Timestamp;

use super::KeySet;

/// A key set with what is known about it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) keys: Arc<KeySet>,
    /// Counts the sets that were ever in use: what was verified by another version has to be verified again.
    pub(crate) version: u64,
    /// What the issuer calls this version (RFC 9110 §8.8.3).
    pub(crate) etag: Option<String>,
    /// When the issuer last said that this is its key set.
    pub(crate) confirmed_at: Timestamp,
}

impl Loaded {
    /// The time since the issuer confirmed the set. A wall clock, because that goes on while a machine sleeps; if it
    /// was set back, the set counts as fresh.
    pub(crate) fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.confirmed_at)).unwrap_or(Duration::ZERO)
    }
}

#[derive(Debug)]
pub(crate) struct Store {
    current: ArcSwapOption<Loaded>,
    stale_limit: Duration,
}

impl Store {
    pub(crate) fn new(stale_limit: Duration) -> Self {
        Self { current: ArcSwapOption::empty(), stale_limit }
    }

    /// Whatever is loaded, however old.
    pub(crate) fn load(&self) -> Guard<Option<Arc<Loaded>>> {
        self.current.load()
    }

    /// Whether what is loaded may still be used.
    pub(crate) fn is_usable(&self, now: Timestamp) -> bool {
        self.load().as_ref().is_some_and(|loaded| self.may_serve(loaded, now))
    }

    /// Whether keys confirmed that long ago may still be used.
    pub(crate) fn may_serve(&self, loaded: &Loaded, now: Timestamp) -> bool {
        loaded.age(now) <= self.stale_limit
    }

    /// Puts a set in the place of the old one. Whether it is another one.
    pub(super) fn replace(&self, keys: KeySet, etag: Option<String>, now: Timestamp) -> bool {
        let held = self.load();
        let changed = held.as_ref().is_none_or(|loaded| loaded.keys.digest() != keys.digest());
        let version = held.as_ref().map_or(0, |loaded| loaded.version + u64::from(changed));
        self.current.store(Some(Arc::new(Loaded { keys: Arc::new(keys), version, etag, confirmed_at: now })));
        changed
    }

    /// Notes that the issuer still publishes the set in use.
    pub(super) fn confirm(&self, loaded: &Loaded, now: Timestamp) {
        let (keys, version, etag) = (Arc::clone(&loaded.keys), loaded.version, loaded.etag.clone());
        self.current.store(Some(Arc::new(Loaded { keys, version, etag, confirmed_at: now })));
    }
}
