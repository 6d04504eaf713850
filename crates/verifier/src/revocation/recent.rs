//! What was revoked last. A token that was clear a moment ago is compared with that alone, instead of looked up among all
//! that was ever revoked, most of which lies in memory that nobody has touched for long.

use super::mark::Mark;

/// How many marks are kept: more than are revoked between two requests with a token that is in use.
const MOST: usize = 16;

/// The latest marks, each with the number of the change that brought it.
#[derive(Clone)]
pub(super) struct Recent {
    /// A ring: the oldest one gives way.
    marks: [(u64, Mark); MOST],
    next: usize,
    /// Whatever came by a later change than this is here.
    whole_since: u64,
}

impl Recent {
    /// Nothing was revoked since this change.
    pub(super) fn none_since(change: u64) -> Self {
        Self { marks: [(change, Mark::default()); MOST], next: 0, whole_since: change }
    }

    /// Changes come in the order of their numbers.
    pub(super) fn push(&mut self, change: u64, mark: Mark) {
        if let Some(oldest) = self.marks.get_mut(self.next) {
            self.whole_since = oldest.0;
            *oldest = (change, mark);
        }
        self.next = (self.next + 1) % MOST;
    }

    /// Whether certainly none of `marks` was revoked after `change`. If that is too long ago, nobody here can tell.
    pub(super) fn spares(&self, marks: &[Mark], change: u64) -> bool {
        if change < self.whole_since {
            return false;
        }
        let Some((newer, older)) = self.marks.split_at_checked(self.next) else { return false };
        let latest = newer.iter().rev().chain(older.iter().rev());
        let mut since = latest.take_while(|(at, _)| *at > change);
        since.all(|(_, mark)| !marks.contains(mark))
    }
}
