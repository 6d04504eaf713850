//! A map that is never changed, only replaced by a changed copy that shares nearly all of it: 64 branches of 64 leaves.
//! Whoever reads one needs no lock; whoever changes one copies a leaf, a branch and the root, a few microseconds
//! whatever the size. Of a million entries most lie where nothing was read for long, so each branch has a small summary
//! of its leaves: of twenty marks that are not there, nineteen are not looked for. Where next: `view`, which swaps one for
//! another.

use std::{array, collections::HashMap, sync::Arc};

use super::mark::{Mark, NoHashing};

const FAN_OUT: usize = 64;
/// How many numbers sum up a leaf: eight bits for each entry when there are a million.
const SUMMARY: usize = 32;

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
struct Branch {
    leaves: [Arc<Leaf>; FAN_OUT],
    summaries: [Summary; FAN_OUT],
}

/// Two bits for each of many marks, both in one number; whose bits are not both set is not there (a Bloom filter).
#[derive(Clone, Copy, Default)]
struct Summary([u64; SUMMARY]);

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
        let branch = Arc::new(Branch {
            leaves: array::from_fn(|_| Arc::clone(&leaf)),
            summaries: [Summary::default(); FAN_OUT],
        });
        Self { branches: array::from_fn(|_| Arc::clone(&branch)), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where `mark` is, if it is anywhere.
    fn leaf(&self, mark: Mark) -> Option<&Leaf> {
        if self.len == 0 {
            return None;
        }
        let (branch, leaf) = address(mark);
        let branch = self.branches.get(branch)?;
        branch.summaries.get(leaf).filter(|summary| summary.may_have(mark))?;
        Some(branch.leaves.get(leaf)?)
    }

    /// Adds an entry. Of two for one mark, what is stricter and what is remembered longer holds.
    pub(super) fn insert(&mut self, mark: Mark, entry: Entry) {
        let (branch, leaf) = address(mark);
        let Some(branch) = self.branches.get_mut(branch).map(Arc::make_mut) else { return };
        let (Some(leaf), Some(summary)) = (branch.leaves.get_mut(leaf), branch.summaries.get_mut(leaf))
        else {
            return;
        };
        summary.add(mark);
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

    /// Whether there may be something in one branch that is to be forgotten at `now` or before.
    pub(super) fn has_outlived(&self, branch: usize, now: i64) -> bool {
        self.branches.get(branch).is_some_and(|branch| branch.leaves.iter().any(|leaf| leaf.earliest <= now))
    }

    /// Drops that.
    pub(super) fn forget(&mut self, branch: usize, now: i64) {
        let Some(branch) = self.branches.get_mut(branch).map(Arc::make_mut) else { return };
        let mut forgotten = 0;
        let leaves = branch.leaves.iter_mut().zip(&mut branch.summaries);
        for (leaf, summary) in leaves.filter(|(leaf, _)| leaf.earliest <= now) {
            let kept: HashMap<_, _, _> = leaf
                .entries
                .iter()
                .filter(|(_, entry)| entry.forget_at > now)
                .map(|(m, e)| (*m, *e))
                .collect();
            forgotten += leaf.entries.len() - kept.len();
            let earliest = kept.values().map(|entry| entry.forget_at).min().unwrap_or(i64::MAX);
            *summary = Summary::default();
            for mark in kept.keys() {
                summary.add(*mark);
            }
            *leaf = Arc::new(Leaf { entries: kept, earliest });
        }
        self.len -= forgotten;
    }

    /// How many branches there are for [`forget`](Self::forget).
    pub(super) const BRANCHES: usize = FAN_OUT;
}

/// What each of the maps knows about the mark in its place. The leaves are found first, so that the memory of all of them
/// is waited for at the same time.
pub(super) fn get<const N: usize>(maps: [&Map; N], marks: [Mark; N]) -> [Option<Entry>; N] {
    let mut maps = maps.into_iter();
    let leaves = marks.map(|mark| (mark, maps.next().and_then(|map| map.leaf(mark))));
    leaves.map(|(mark, leaf)| leaf?.entries.get(&mark).copied())
}

impl Summary {
    fn add(&mut self, mark: Mark) {
        let (word, bits) = Self::address(mark);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bits;
        }
    }

    fn may_have(&self, mark: Mark) -> bool {
        let (word, bits) = Self::address(mark);
        self.0.get(word).is_some_and(|word| word & bits == bits)
    }

    /// By other bits of the mark than those that have led here.
    fn address(mark: Mark) -> (usize, u64) {
        let place = mark.place >> 12;
        let (word, bits) = (place as usize % SUMMARY, place / SUMMARY as u64);
        (word, 1 << (bits % 64) | 1 << (bits / 64 % 64))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "twelve bits are wanted")]
fn address(mark: Mark) -> (usize, usize) {
    let place = mark.place as usize;
    (place % FAN_OUT, place / FAN_OUT % FAN_OUT)
}
