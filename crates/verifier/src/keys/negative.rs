//! Key ids the issuer is known not to publish, so that the same garbage is not asked about again. Bounded in number
//! and in time; it is consulted only after the key set, so a key that appears is found whatever stands in here.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

/// Unknown key ids, the oldest first. All live equally long, so that order is also the order in which they end.
#[derive(Debug)]
pub(super) struct NegativeCache {
    names: HashSet<Arc<str>>,
    ends: VecDeque<(Instant, Arc<str>)>,
    most: usize,
    lifetime: Duration,
}

impl NegativeCache {
    pub(super) fn new(most: usize, lifetime: Duration) -> Self {
        Self { names: HashSet::new(), ends: VecDeque::new(), most, lifetime }
    }

    /// Whether `kid` was found unknown not long ago.
    pub(super) fn contains(&mut self, kid: &str, now: Instant) -> bool {
        while self.ends.front().is_some_and(|(end, _)| *end <= now) {
            self.forget_oldest();
        }
        self.names.contains(kid)
    }

    /// Remembers `kid`, in the place of the oldest if there is no more room.
    pub(super) fn insert(&mut self, kid: &str, now: Instant) {
        if self.contains(kid, now) {
            return;
        }
        if self.ends.len() >= self.most {
            self.forget_oldest();
        }
        let kid: Arc<str> = kid.into();
        self.names.insert(Arc::clone(&kid));
        self.ends.push_back((now + self.lifetime, kid));
    }

    fn forget_oldest(&mut self) {
        if let Some((_, kid)) = self.ends.pop_front() {
            self.names.remove(&kid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_remembered_for_its_time() {
        let (start, minute) = (Instant::now(), Duration::from_mins(1));
        let mut cache = NegativeCache::new(8, minute);
        cache.insert("a", start);
        cache.insert("a", start + minute / 2);
        assert!(cache.contains("a", start + minute - Duration::from_nanos(1)));
        assert!(!cache.contains("a", start + minute));
        assert!(!cache.contains("b", start));
    }

    #[test]
    fn the_oldest_makes_room() {
        let now = Instant::now();
        let mut cache = NegativeCache::new(2, Duration::from_mins(1));
        for kid in ["a", "b", "c"] {
            cache.insert(kid, now);
        }
        assert!(!cache.contains("a", now) && cache.contains("b", now) && cache.contains("c", now));
        assert_eq!((cache.names.len(), cache.ends.len()), (2, 2));
    }
}
