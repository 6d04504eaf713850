//! What has happened so far, as plain numbers. Whoever has a metrics system exports them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Reason, Rejection};

/// Numbers since the verifier was built; none ever goes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// Fetches of the key set that were started.
    pub fetches: u64,
    /// Those among them that failed.
    pub fetch_failures: u64,
    /// Snapshots of key sets that were written to disk.
    pub snapshots: u64,
    /// Snapshots that could not be written.
    pub snapshot_failures: u64,
    /// How many times revocations were written to disk, those of a moment together.
    pub journal_writes: u64,
    /// How many times they could not be; it is tried again until it succeeds.
    pub journal_failures: u64,
    /// Tokens that were accepted.
    pub verified: u64,
    /// Tokens whose signature had been verified a moment before, so that it was not verified again. They are accepted
    /// or refused like all others, and counted there too.
    pub cache_hits: u64,
    /// Tokens that were refused, for every reason there is, zeros included.
    pub rejections: Vec<(Reason, u64)>,
}

impl Counters {
    /// How many tokens were refused for `reason`.
    #[must_use]
    pub fn rejected(&self, reason: Reason) -> u64 {
        self.rejections.iter().filter(|(other, _)| *other == reason).map(|(_, count)| count).sum()
    }
}

/// The numbers while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    verified: AtomicU64,
    cache_hits: AtomicU64,
    rejections: [AtomicU64; Reason::ALL.len()],
}

impl Tally {
    pub(crate) fn count<T>(&self, outcome: &Result<T, Rejection>) {
        let counter = match outcome {
            Ok(_) => Some(&self.verified),
            Err(rejection) => self.rejections.get(rejection.reason() as usize),
        };
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_cache_hit(&self) {
        self.cache_hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn cache_hits(&self) -> u64 {
        self.cache_hits.load(Ordering::Relaxed)
    }

    pub(crate) fn verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    pub(crate) fn rejections(&self) -> Vec<(Reason, u64)> {
        let counts = self.rejections.iter().map(|count| count.load(Ordering::Relaxed));
        Reason::ALL.into_iter().zip(counts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_where_they_belong() {
        let tally = Tally::default();
        tally.count::<()>(&Ok(()));
        for reason in Reason::ALL {
            tally.count::<()>(&Err(reason.into()));
        }
        tally.count::<()>(&Err(Reason::Unavailable.into()));
        let counters = Counters {
            fetches: 0,
            fetch_failures: 0,
            snapshots: 0,
            snapshot_failures: 0,
            journal_writes: 0,
            journal_failures: 0,
            verified: tally.verified(),
            cache_hits: tally.cache_hits(),
            rejections: tally.rejections(),
        };
        assert_eq!((counters.verified, counters.rejections.len()), (1, Reason::ALL.len()));
        assert_eq!((counters.rejected(Reason::Missing), counters.rejected(Reason::Unavailable)), (1, 2));
    }
}
