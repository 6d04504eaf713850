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
    verified_anew: AtomicU64,
    /// Apart, so that a token that is remembered is counted once.
    verified_again: AtomicU64,
    rejected_again: AtomicU64,
    rejections: [AtomicU64; Reason::ALL.len()],
}

impl Tally {
    pub(crate) fn count<T>(&self, outcome: &Result<T, Rejection>) {
        match outcome {
            Ok(_) => add_one(&self.verified_anew),
            Err(rejection) => self.count_rejection(*rejection),
        }
    }

    /// The same of a token that was remembered.
    pub(crate) fn count_again<T>(&self, outcome: &Result<T, Rejection>) {
        match outcome {
            Ok(_) => add_one(&self.verified_again),
            Err(rejection) => {
                add_one(&self.rejected_again);
                self.count_rejection(*rejection);
            }
        }
    }

    fn count_rejection(&self, rejection: Rejection) {
        if let Some(count) = self.rejections.get(rejection.reason() as usize) {
            add_one(count);
        }
    }

    pub(crate) fn cache_hits(&self) -> u64 {
        read(&self.verified_again) + read(&self.rejected_again)
    }

    pub(crate) fn verified(&self) -> u64 {
        read(&self.verified_anew) + read(&self.verified_again)
    }

    pub(crate) fn rejections(&self) -> Vec<(Reason, u64)> {
        Reason::ALL.into_iter().zip(self.rejections.iter().map(read)).collect()
    }
}

fn add_one(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
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
