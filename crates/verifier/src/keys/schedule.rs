//! When the key set is fetched, and who may make it be: a state without input or output, told the time.
//!
//! Four rules, in order of power. After failures nobody fetches before the back-off has ended. A set is refreshed
//! before its life ends. Unknown key ids may ask for one fetch in a while ("on demand"), which attackers can use up;
//! after one in vain it is a longer while.
//! And as long as an unknown one is asked for, a fetch is made every so often whoever used up the others
//! ("reserved"), so that an honest token under a new key is never kept out. Where next: `refresh` and `unknown`, which
//! drive this.

use std::time::Duration;

use identity::Entropy;
use tokio::time::Instant;

use super::{FetchFailure, negative::NegativeCache};
use crate::{Limits, jitter};

/// A fetch, by the order in which they start; the first is 1.
pub(crate) type Flight = u64;

#[derive(Debug)]
pub(super) struct Schedule {
    limits: Limits,
    /// The fetch that nobody needs to ask for.
    next: Instant,
    /// The end of the back-off.
    not_before: Instant,
    last_start: Option<Instant>,
    last_on_demand: Option<Instant>,
    /// The last fetch on behalf of unknown key ids brought nothing new.
    in_vain: bool,
    /// An on-demand fetch was granted and has not started.
    asked: Option<Instant>,
    /// A key id was refused as unknown since the last start.
    wanted: bool,
    started: Flight,
    /// The fetch that is under way.
    flying: Option<Purpose>,
    failures: u32,
    last_failure: Option<FetchFailure>,
    unknown: NegativeCache,
}

/// Why a fetch is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The set's life ends.
    Refresh,
    /// Somebody came with a key id that is not in the set.
    UnknownKey,
}

/// What a fetch brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fetched {
    /// For how long it is good.
    pub(super) lifetime: Duration,
    /// It is another set than the one before.
    pub(super) changed: bool,
}

/// What becomes of a request under an unknown key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// There will be no fetch soon.
    Refuse,
    /// This fetch may bring the key.
    Await(Flight),
}

impl Schedule {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            limits: *limits,
            next: now,
            not_before: now,
            last_start: None,
            last_on_demand: None,
            in_vain: false,
            asked: None,
            wanted: false,
            started: 0,
            flying: None,
            failures: 0,
            last_failure: None,
            unknown: NegativeCache::new(limits.unknown_kids, limits.unknown_kid_lifetime),
        }
    }

    /// When the next fetch starts, as far as is known now.
    pub(super) fn due(&self) -> Instant {
        let mut due = self.next;
        if let Some(asked) = self.asked {
            due = due.min(asked);
        }
        if let (true, Some(last)) = (self.wanted, self.last_start) {
            due = due.min(last + self.limits.reserved_interval);
        }
        due.max(self.not_before)
    }

    /// The last fetch that has started.
    pub(super) fn started(&self) -> Flight {
        self.started
    }

    /// How many fetches have failed in a row, and how the last one did.
    pub(super) fn failing(&self) -> Option<(u32, FetchFailure)> {
        self.last_failure.map(|failure| (self.failures, failure))
    }

    /// How long until it is worth to try again, in whole seconds, at least one.
    pub(super) fn retry_after(&self, now: Instant) -> Duration {
        let wait =
            if self.flying.is_some() { Duration::ZERO } else { self.due().saturating_duration_since(now) };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Duration::from_secs(seconds.max(1))
    }

    /// A fetch starts.
    pub(super) fn start(&mut self, now: Instant) -> Flight {
        self.started += 1;
        self.last_start = Some(now);
        let purpose =
            if self.wanted || self.asked.is_some() { Purpose::UnknownKey } else { Purpose::Refresh };
        if purpose == Purpose::UnknownKey {
            self.last_on_demand = Some(now);
        }
        self.flying = Some(purpose);
        self.asked = None;
        self.wanted = false;
        self.started
    }

    /// A fetch brought a set, or the word that there is no new one.
    pub(super) fn succeed(&mut self, now: Instant, fetched: Fetched, entropy: &dyn Entropy) {
        let Fetched { lifetime, changed } = fetched;
        let purpose = self.flying.take();
        if changed || purpose == Some(Purpose::UnknownKey) {
            self.in_vain = !changed;
        }
        self.failures = 0;
        self.last_failure = None;
        self.not_before = now;
        let (middle, spread) = (self.limits.refresh_percent, self.limits.refresh_spread_percent);
        let least = lifetime.saturating_mul(middle.saturating_sub(spread)) / 100;
        let most = lifetime.saturating_mul(middle + spread) / 100;
        self.next = now + jitter::between(entropy, least, most);
    }

    /// A fetch failed: the pause is drawn from a range that doubles with every failure, however it was started.
    pub(super) fn fail(&mut self, now: Instant, failure: FetchFailure, entropy: &dyn Entropy) {
        self.flying = None;
        self.failures = self.failures.saturating_add(1);
        self.last_failure = Some(failure);
        let least = self.limits.back_off_least;
        let ceiling = least.saturating_mul(1 << self.failures.min(16)).min(self.limits.back_off_most);
        self.not_before = now + jitter::between(entropy, least, ceiling);
        self.next = self.not_before;
    }

    /// Rules on a request under `kid`, which is not in the key set.
    pub(super) fn ask(&mut self, kid: &str, now: Instant) -> Ruling {
        if self.unknown.contains(kid, now) {
            return self.refuse();
        }
        if self.flying.is_some() {
            return Ruling::Await(self.started);
        }
        if self.due() <= now {
            return Ruling::Await(self.started + 1);
        }
        let spent = self.last_on_demand.is_some_and(|last| now < last + self.on_demand_interval());
        if spent || now < self.not_before {
            return self.refuse();
        }
        self.last_on_demand = Some(now);
        self.asked = Some(now);
        Ruling::Await(self.started + 1)
    }

    /// After a fetch in vain no more are made than the reserved ones, or garbage would cost the issuer six a minute.
    fn on_demand_interval(&self) -> Duration {
        let Limits { on_demand_interval, reserved_interval, .. } = self.limits;
        if self.in_vain { on_demand_interval.max(reserved_interval) } else { on_demand_interval }
    }

    /// Refuses, and sees to the reserved fetch.
    pub(super) fn refuse(&mut self) -> Ruling {
        self.wanted = true;
        Ruling::Refuse
    }

    /// A fetch that started after `kid` was seen did not bring it.
    pub(super) fn remember_unknown(&mut self, kid: &str, now: Instant) {
        self.wanted = true;
        self.unknown.insert(kid, now);
    }
}

#[cfg(test)]
mod tests;
