//! What happens to providers' calendars, one transaction each.
//!
//! Every operation goes the same way: take the provider's row, so that nobody else changes this calendar; let the
//! domain decide; write; leave what payments-service must know in the outbox; commit. So of two people who want
//! overlapping time the second sees what the first did, on either engine and over any number of replicas.

mod book;
mod change;

use std::time::Duration;

use chassis::{Ambient, database::Database, outbox::Wake};
use jiff::{SignedDuration, Timestamp};

/// The calendars of all providers. Clones are the same.
#[derive(Clone)]
pub(crate) struct Calendar {
    database: Database,
    ambient: Ambient,
    wake: Wake,
    hold: SignedDuration,
}

impl Calendar {
    /// `wake` rings for the outbox; `hold` is how long an unpaid appointment keeps its time.
    pub(crate) fn new(database: Database, ambient: Ambient, wake: Wake, hold: Duration) -> Self {
        let hold = SignedDuration::try_from(hold).unwrap_or(SignedDuration::MAX);
        Self { database, ambient, wake, hold }
    }

    /// The time as the databases keep it, in microseconds: what is answered now is what is read later.
    fn now(&self) -> Timestamp {
        let now = self.ambient.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}
