//! How writing goes: counted, and told to the log when it begins and ends to fail.

use std::{
    io,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    written: AtomicU64,
    failed: AtomicU64,
    failing: Mutex<Option<io::ErrorKind>>,
}

impl Outcomes {
    /// Counts, and tells the log only when something has changed.
    pub(crate) fn note(
        &self,
        outcome: Result<(), io::ErrorKind>,
        what: &str,
        issuer: &str,
        directory: &Path,
    ) {
        let counter = if outcome.is_ok() { &self.written } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        let now = outcome.err();
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *failing, now);
        drop(failing);
        let directory = directory.display();
        match now {
            Some(kind) if before != now => {
                tracing::warn!(%issuer, %directory, %kind, "{what} cannot be written");
            }
            None if before.is_some() => tracing::info!(%issuer, %directory, "{what} can be written again"),
            _ => {}
        }
    }

    /// How often it succeeded, and how often not.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.written.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    /// How writing fails at present.
    pub(crate) fn failing(&self) -> Option<io::ErrorKind> {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
