//! How a token that was found not to be revoked is let through without being looked up, until something is revoked.
//! Nothing but two numbers and the order in which they are read and written.

use super::atomic::{AtomicU64, Ordering};

/// The number of the last change: how often something was revoked, and one.
pub(crate) struct Changes(AtomicU64);

/// A token's own note of the last change under which it was not revoked.
pub(crate) struct Clear(AtomicU64);

/// Before all changes, even [`FIRST`].
const NEVER: u64 = 0;
/// Under which nothing is revoked yet.
pub(crate) const FIRST: u64 = 1;

impl Changes {
    pub(crate) fn none() -> Self {
        Self(AtomicU64::new(FIRST))
    }

    /// The number of the next change, for whoever alone makes one.
    pub(crate) fn next(&self) -> u64 {
        self.0.load(Ordering::Relaxed) + 1
    }

    /// Something was revoked, and whoever looks it up from now on finds it.
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// Whether a token is revoked: what `look_up` says, who is not asked twice between two changes. It is told since which
    /// change alone it has to look, as the token was not revoked under that one.
    pub(crate) fn is_revoked(&self, clear: &Clear, look_up: impl FnOnce(u64) -> bool) -> bool {
        // Read before it is looked up, so that the note is never newer than what was found.
        let count = self.0.load(Ordering::Acquire);
        let since = clear.0.load(Ordering::Relaxed);
        if since == count {
            return false;
        }
        let is_revoked = look_up(since);
        if !is_revoked {
            clear.0.store(count, Ordering::Relaxed);
        }
        is_revoked
    }
}

impl Clear {
    /// The note of a token that was never looked up.
    pub(crate) fn never() -> Self {
        Self(AtomicU64::new(NEVER))
    }
}
