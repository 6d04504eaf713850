//! The key set in use, swapped as a whole: readers take no lock and see either the old set or the new one.
//! Where next: `refresh`, the only writer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

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
    /// The version of `current` and the last instant at which it may serve, in microseconds since 1970: all that has to be
    /// known of the keys for a token that was verified by them.
    version: AtomicU64,
    serves_until: AtomicI64,
}

impl Store {
    pub(crate) fn new(stale_limit: Duration) -> Self {
        let (version, serves_until) = (AtomicU64::new(0), AtomicI64::new(i64::MIN));
        Self { current: ArcSwapOption::empty(), stale_limit, version, serves_until }
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

    /// Whether this version is in use and [`may_serve`](Self::may_serve), to the microsecond.
    pub(crate) fn still_serves(&self, version: u64, now: Timestamp) -> bool {
        // In the opposite order to that in which they are written, or an old version would be served for as long as
        // the new one.
        let serves_until = self.serves_until.load(Ordering::Acquire);
        now.as_microsecond() <= serves_until && self.version.load(Ordering::Relaxed) == version
    }

    /// Puts a set in the place of the old one. Whether it is another one.
    pub(super) fn replace(&self, keys: KeySet, etag: Option<String>, now: Timestamp) -> bool {
        let held = self.load();
        let changed = held.as_ref().is_none_or(|loaded| loaded.keys.digest() != keys.digest());
        let version = held.as_ref().map_or(0, |loaded| loaded.version + u64::from(changed));
        self.put(Loaded { keys: Arc::new(keys), version, etag, confirmed_at: now });
        changed
    }

    /// Notes that the issuer still publishes the set in use.
    pub(super) fn confirm(&self, loaded: &Loaded, now: Timestamp) {
        let (keys, version, etag) = (Arc::clone(&loaded.keys), loaded.version, loaded.etag.clone());
        self.put(Loaded { keys, version, etag, confirmed_at: now });
    }

    /// For the one writer there is.
    fn put(&self, loaded: Loaded) {
        let version = loaded.version;
        let serves_until = loaded.confirmed_at.saturating_add(self.stale_limit);
        let serves_until = serves_until.unwrap_or(Timestamp::MAX).as_microsecond();
        self.current.store(Some(Arc::new(loaded)));
        // Only now, so that nothing is said of a set that is not yet in use.
        self.version.store(version, Ordering::Relaxed);
        self.serves_until.store(serves_until, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, Limits};

    const LIMIT: Duration = Duration::from_mins(1);

    fn key_set(kid: &str) -> KeySet {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": x });
        let document = serde_json::json!({ "keys": [key] }).to_string();
        KeySet::parse(document.as_bytes(), &[Algorithm::EdDsa], &Limits::default()).unwrap()
    }

    fn at(microsecond: i64) -> Timestamp {
        Timestamp::from_microsecond(1_800_000_000_000_000 + microsecond).unwrap()
    }

    #[test]
    fn what_is_told_of_a_version_is_told_of_the_set() {
        let store = Store::new(LIMIT);
        assert!(!store.still_serves(0, at(0)) && !store.is_usable(at(0)));
        store.replace(key_set("a"), None, at(1));
        let agree = |version: u64, now: Timestamp| {
            assert_eq!(store.still_serves(version, now), store.is_usable(now), "{now}");
            assert!(!store.still_serves(version + 1, now));
        };
        let limit = 60_000_000;
        // A clock that was set back makes nothing stale.
        for now in [-3_600_000_000, 0, 1, 2, limit, limit + 1, limit + 2] {
            agree(0, at(now));
        }
        store.confirm(store.load().as_ref().unwrap(), at(10));
        for now in [limit + 10, limit + 11] {
            agree(0, at(now));
        }
        store.replace(key_set("b"), None, at(20));
        assert!(!store.still_serves(0, at(20)));
        for now in [20, limit + 20, limit + 21] {
            agree(1, at(now));
        }
    }
}
