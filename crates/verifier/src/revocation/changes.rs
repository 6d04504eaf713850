//! How a token that was found not to be revoked is let through without being looked up, until something is revoked.
//! Nothing but two numbers and the order in which they are read and written.

use super::atomic::{AtomicU64, Ordering};

/// How often something was revoked.
pub(crate) struct Changes(AtomicU64);

/// A token's own note of the last change under which it was not revoked.
pub(crate) struct Clear(AtomicU64);

impl Changes {
    pub(crate) fn none() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Something was revoked, and whoever looks it up from now on finds it.
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// Whether a token is revoked: what `look_up` says, who is not asked twice between two changes.
    pub(crate) fn is_revoked(&self, clear: &Clear, look_up: impl FnOnce() -> bool) -> bool {
        // Read before it is looked up, so that the note is never newer than what was found.
        let count = self.0.load(Ordering::Acquire);
        if clear.0.load(Ordering::Relaxed) == count {
            return false;
        }
        let is_revoked = look_up();
        if !is_revoked {
            clear.0.store(count, Ordering::Relaxed);
        }
        is_revoked
    }
}

impl Clear {
    /// The note of a token that was never looked up.
    pub(crate) fn never() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}
