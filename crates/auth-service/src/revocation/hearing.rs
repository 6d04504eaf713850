//! How this service hears of its own log: its verifier refuses what any replica revoked as soon as the end of the log has
//! come into memory, as every other service's does.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use verifier::{RevokeError, feed::Listener};

use super::tail::Tail;
use crate::store::revocations::End;

/// How many lines are taken at once.
const MOST_LINES: usize = 1_000;
/// How often it is noted that there is nothing new.
const NOTE: Duration = Duration::from_secs(1);

/// The verifier's place in the log.
pub(crate) struct Hearing {
    tail: Tail,
    listener: Listener,
    place: Option<End>,
    failing: bool,
}

impl Hearing {
    pub(crate) fn new(tail: Tail, listener: Listener) -> Self {
        Self { tail, listener, place: None, failing: false }
    }

    /// Tells it, until dropped.
    pub(crate) async fn run(mut self) {
        let (mut ends, mut notes) = (self.tail.ends(), interval(NOTE));
        notes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let outcome = self.catch_up();
            if let Some(error) = outcome.err().filter(|_| !self.failing) {
                tracing::warn!(%error, "what was revoked is not refused here but by way of the database");
            }
            self.failing = outcome.is_err();
            tokio::select! {
                changed = ends.changed() => if changed.is_err() { return },
                _ = notes.tick() => {}
            }
        }
    }

    /// Takes in all that is known of the log. Only a log that is read all the time says that nothing is missing.
    pub(crate) fn catch_up(&mut self) -> Result<(), RevokeError> {
        loop {
            // Asked first: it is no fresher than what is then found in it.
            let is_fresh = self.tail.is_fresh();
            let end = *self.tail.ends().borrow();
            let place = self.place.filter(|place| place.epoch == end.epoch && place.last_seq <= end.last_seq);
            let after = place.map_or(0, |place| place.last_seq);
            let batch = self.tail.after(after, MOST_LINES);
            let revocations = batch.lines.iter().map(|line| line.revocation.clone()).collect();
            if batch.complete && is_fresh {
                let last_seq = u64::try_from(batch.last_seq).unwrap_or_default();
                self.listener.hear(revocations, last_seq)?;
            } else {
                self.listener.revoke(revocations)?;
            }
            self.place = Some(End { last_seq: batch.last_seq, ..end });
            if batch.complete {
                return Ok(());
            }
        }
    }
}
