//! Clocks that tests move.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use identity::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// When tests take place, unless they say otherwise: 2027-01-15T08:00:00Z.
const START: i64 = 1_800_000_000;

fn start() -> Timestamp {
    Timestamp::from_second(START).expect("a valid instant")
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows `now` from here on.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves on by `duration`.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(duration).expect("a duration that fits");
    }
}

/// Shows 2027-01-15T08:00:00Z.
impl Default for TestClock {
    fn default() -> Self {
        Self::new(start())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that goes as tokio's time does, so that under `start_paused` one advance moves both.
#[derive(Debug)]
pub struct TokioClock {
    shown: Timestamp,
    at: Instant,
}

impl TokioClock {
    /// A clock that shows `now` now.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { shown: now, at: Instant::now() }
    }
}

/// Shows 2027-01-15T08:00:00Z now.
impl Default for TokioClock {
    fn default() -> Self {
        Self::new(start())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.shown.saturating_add(self.at.elapsed()).expect("a duration that fits")
    }
}
