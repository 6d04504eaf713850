//! Counting in this process: GCRA by `governor`, on the injected clock, in bounded memory.
//!
//! Each rule keeps at most [`CAPACITY`] parties. Those that have recovered are swept out; if a flood of
//! addresses fills the table all the same, newcomers share [`SHARED`] buckets between them. So memory stays
//! bounded, nobody's count is forgotten early, and a flood makes limits coarser instead of absent.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::{BoxFuture, ready};
use governor::{
    RateLimiter,
    clock::Clock as GovernorClock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use identity::Clock;

use super::{Key, Limiter, Quota, Quotas, Rule, TooMany};

/// Parties remembered per rule, some 32 bytes each.
const CAPACITY: usize = 50_000;
/// Buckets that newcomers share when the table is full.
const SHARED: u128 = 1024;
/// Sweeping looks at every party, so a full table is swept no more often than this.
const SWEEP_INTERVAL: u64 = 1_000_000_000;

/// Limits of this process.
pub(crate) struct MemoryLimiter {
    login_by_address: Buckets,
    login_by_pair: Buckets,
    login_by_account: Buckets,
    register_by_address: Buckets,
    register_by_account: Buckets,
    claim: Buckets,
    client_by_address: Buckets,
}

impl MemoryLimiter {
    pub(crate) fn new(quotas: Quotas, clock: Arc<dyn Clock>) -> Self {
        let clock = InjectedClock(clock);
        let buckets = |quota| Buckets::new(quota, CAPACITY, clock.clone());
        Self {
            login_by_address: buckets(quotas.login_by_address),
            login_by_pair: buckets(quotas.login_by_pair),
            login_by_account: buckets(quotas.login_by_account),
            register_by_address: buckets(quotas.register_by_address),
            register_by_account: buckets(quotas.register_by_account),
            claim: buckets(quotas.claim),
            client_by_address: buckets(quotas.client_by_address),
        }
    }

    /// Counts one attempt of `key` under `rule`, or refuses it.
    pub(super) fn count(&self, rule: Rule, key: Key) -> Result<(), TooMany> {
        self.buckets(rule).take(key)
    }

    fn buckets(&self, rule: Rule) -> &Buckets {
        match rule {
            Rule::LoginByAddress => &self.login_by_address,
            Rule::LoginByPair => &self.login_by_pair,
            Rule::LoginByAccount => &self.login_by_account,
            Rule::RegisterByAddress => &self.register_by_address,
            Rule::RegisterByAccount => &self.register_by_account,
            Rule::Claim => &self.claim,
            Rule::ClientByAddress => &self.client_by_address,
        }
    }
}

impl Limiter for MemoryLimiter {
    fn take<'a>(&'a self, rule: Rule, key: &'a Key) -> BoxFuture<'a, Result<(), TooMany>> {
        Box::pin(ready(self.count(rule, *key)))
    }
}

/// The buckets of one rule.
struct Buckets {
    limiter: RateLimiter<Key, BoundedStore, InjectedClock, NoOpMiddleware<Nanos>>,
    clock: InjectedClock,
    capacity: usize,
    swept_at: AtomicU64,
}

impl Buckets {
    fn new(quota: Quota, capacity: usize, clock: InjectedClock) -> Self {
        // A quota's interval is never zero, which is all that `with_period` asks for.
        let governor = governor::Quota::with_period(quota.interval())
            .unwrap_or_else(|| governor::Quota::per_minute(quota.burst()))
            .allow_burst(quota.burst());
        let limiter = RateLimiter::new(governor, BoundedStore::new(capacity), clock.clone());
        Self { limiter, clock, capacity, swept_at: AtomicU64::new(0) }
    }

    fn take(&self, key: Key) -> Result<(), TooMany> {
        let now = self.clock.now();
        if self.limiter.len() >= self.capacity {
            self.sweep(now.as_u64());
        }
        self.limiter.check_key(&key).map_err(|until| TooMany(until.wait_time_from(now)))
    }

    fn sweep(&self, now: u64) {
        let due = |swept: u64| (now.abs_diff(swept) >= SWEEP_INTERVAL).then_some(now);
        if self.swept_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).is_ok() {
            self.limiter.retain_recent();
        }
    }
}

/// The states of a rule's parties, never more than `capacity` and [`SHARED`].
struct BoundedStore {
    states: Mutex<HashMap<Key, Nanos>>,
    capacity: usize,
}

impl BoundedStore {
    fn new(capacity: usize) -> Self {
        Self { states: Mutex::default(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Nanos>> {
        // Nothing panics while the lock is held; if it did, counts would still be counts.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for BoundedStore {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.lock();
        let full = states.len() >= self.capacity && !states.contains_key(key);
        let key = if full { key.shared(SHARED) } else { *key };
        let (result, state) = measure(states.get(&key).copied())?;
        states.insert(key, state);
        Ok(result)
    }
}

impl ShrinkableKeyedStateStore<Key> for BoundedStore {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, state| *state > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

/// The system's clock as `governor` wants it.
#[derive(Clone)]
struct InjectedClock(Arc<dyn Clock>);

impl GovernorClock for InjectedClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.0.now().as_nanosecond()).unwrap_or_default())
    }
}

impl fmt::Debug for MemoryLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLimiter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Hands(AtomicU64);

    impl Hands {
        fn wait(&self, seconds: u64) {
            self.0.fetch_add(seconds, Ordering::Relaxed);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(i64::try_from(self.0.load(Ordering::Relaxed)).unwrap()).unwrap()
        }
    }

    /// Three at once, then one each ten seconds.
    fn buckets(capacity: usize) -> (Buckets, Arc<Hands>) {
        let clock = Arc::new(Hands::default());
        clock.wait(1_000_000);
        let quota = Quota::parse(6, Duration::from_mins(1), 3).unwrap();
        (Buckets::new(quota, capacity, InjectedClock(clock.clone())), clock)
    }

    fn key(number: u32) -> Key {
        Key::address(std::net::Ipv4Addr::from(number).into())
    }

    #[test]
    fn a_burst_passes_then_one_each_interval() {
        let (buckets, clock) = buckets(10);
        for _ in 0..3 {
            buckets.take(key(1)).unwrap();
        }
        assert_eq!(buckets.take(key(1)), Err(TooMany(Duration::from_secs(10))));
        buckets.take(key(2)).unwrap();
        clock.wait(4);
        assert_eq!(buckets.take(key(1)), Err(TooMany(Duration::from_secs(6))));
        clock.wait(6);
        buckets.take(key(1)).unwrap();
        buckets.take(key(1)).unwrap_err();
    }

    #[test]
    fn a_flood_of_addresses_stays_bounded_and_resets_nobody() {
        let (buckets, clock) = buckets(100);
        while buckets.take(key(0)).is_ok() {}
        let passed = (1..20_000).filter(|number| buckets.take(key(*number)).is_ok()).count();
        assert!(buckets.limiter.len() <= 100 + 1024, "{}", buckets.limiter.len());
        assert!(passed <= 3 * (100 + 1024), "newcomers share what there is: {passed}");
        buckets.take(key(0)).unwrap_err();
        clock.wait(60);
        buckets.take(key(20_001)).unwrap();
        assert_eq!(buckets.limiter.len(), 1, "those who recovered are forgotten");
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_burst_and_rate(waits in prop::collection::vec(0u64..30, 1..200)) {
            let (buckets, clock) = buckets(10);
            let (mut passed, mut time) = (0, 0);
            for wait in waits {
                clock.wait(wait);
                time += wait;
                passed += u64::from(buckets.take(key(1)).is_ok());
            }
            prop_assert!(passed <= 3 + time / 10);
        }
    }
}
