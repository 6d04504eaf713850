//! A map that is never changed, only replaced by a changed copy that shares nearly all of it: 64 branches of 64 leaves.
//! Whoever reads one needs no lock; whoever changes one copies a leaf, a branch and the root, a few microseconds
//! whatever the size. Where next: `view`, which swaps one for another.

use std::{array, collections::HashMap, sync::Arc};

use super::mark::{Mark, NoHashing};

const FAN_OUT: usize = 64;

/// What is known about a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Tokens of this `ver` or a later one are not concerned.
    pub(super) least_version: u64,
    /// In seconds since 1970.
    pub(super) forget_at: i64,
}

#[derive(Clone)]
pub(super) struct Map {
    branches: [Arc<Branch>; FAN_OUT],
    len: usize,
}

#[derive(Clone)]
struct Branch([Arc<Leaf>; FAN_OUT]);

#[derive(Clone, Default)]
struct Leaf {
    entries: HashMap<Mark, Entry, NoHashing>,
    /// Not later than the first of the entries is to be forgotten.
    earliest: i64,
}

impl Map {
    /// A map without entries, all of whose leaves are one.
    pub(super) fn new() -> Self {
        let leaf = Arc::new(Leaf { earliest: i64::MAX, ..Leaf::default() });
        let branch = Arc::new(Branch(array::from_fn(|_| Arc::clone(&leaf))));
        Self { branches: array::from_fn(|_| Arc::clone(&branch)), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What is known about each of `marks`. Their leaves are found first, so that the memory of all of them is waited for
    /// at the same time.
    pub(super) fn get<const N: usize>(&self, marks: [Mark; N]) -> [Option<Entry>; N] {
        let leaves = marks.map(|mark| (mark, self.leaf(mark)));
        leaves.map(|(mark, leaf)| leaf?.entries.get(&mark).copied())
    }

    fn leaf(&self, mark: Mark) -> Option<&Leaf> {
        let (branch, leaf) = address(mark);
        Some(self.branches.get(branch)?.0.get(leaf)?)
    }

    /// Adds an entry. Of two for one mark, what is stricter and what is remembered longer holds.
    pub(super) fn insert(&mut self, mark: Mark, entry: Entry) {
        let (branch, leaf) = address(mark);
        let Some(leaf) =
            self.branches.get_mut(branch).and_then(|branch| Arc::make_mut(branch).0.get_mut(leaf))
        else {
            return;
        };
        let leaf = Arc::make_mut(leaf);
        leaf.earliest = leaf.earliest.min(entry.forget_at);
        let old = leaf.entries.insert(mark, entry);
        match (old, leaf.entries.get_mut(&mark)) {
            (Some(old), Some(new)) => {
                new.least_version = new.least_version.max(old.least_version);
                new.forget_at = new.forget_at.max(old.forget_at);
            }
            _ => self.len += 1,
        }
    }

    /// Drops from one branch what is to be forgotten at `now` or before. Whether there was any.
    pub(super) fn forget(&mut self, branch: usize, now: i64) -> bool {
        let Some(branch) = self.branches.get_mut(branch) else { return false };
        if branch.0.iter().all(|leaf| leaf.earliest > now) {
            return false;
        }
        let mut forgotten = 0;
        for leaf in Arc::make_mut(branch).0.iter_mut().filter(|leaf| leaf.earliest <= now) {
            let kept: HashMap<_, _, _> = leaf
                .entries
                .iter()
                .filter(|(_, entry)| entry.forget_at > now)
                .map(|(m, e)| (*m, *e))
                .collect();
            forgotten += leaf.entries.len() - kept.len();
            let earliest = kept.values().map(|entry| entry.forget_at).min().unwrap_or(i64::MAX);
            *leaf = Arc::new(Leaf { entries: kept, earliest });
        }
        self.len -= forgotten;
        true
    }

    /// How many branches there are for [`forget`](Self::forget).
    pub(super) const BRANCHES: usize = FAN_OUT;
}

#[expect(clippy::cast_possible_truncation, reason = "twelve bits are wanted")]
fn address(mark: Mark) -> (usize, usize) {
    let place = mark.place as usize;
    (place % FAN_OUT, place / FAN_OUT % FAN_OUT)
}
