//! The cache of verified tokens: a token that was verified a moment ago is recognised instead of verified again.
//!
//! It is found by a keyed hash of its last 16 characters, 96 bits of the signature, and then compared **in full** with the
//! token that was verified: a cache that knows a token by a part of it would accept a forged rest. Whoever reaches the
//! comparison has the signature already, so how long it takes tells nothing.
//!
//! Only tokens that were verified get in, and only when they come a second time: nobody without good tokens can push
//! another out, and those that come once leave nothing behind. What is found is judged again by `issuer`:
//! time, audience, revocation and whether the keys are still the same. Where next: `seen`.
//!
//! The cache is an array of small sets, each with a lock of its own that is held for some nanoseconds. A hit allocates
//! nothing.

mod seen;

use std::{
    iter, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use identity::Entropy;

use crate::{Limits, Reason, Verified};
use seen::Seen;

/// How many tokens share a lock.
const WAYS: usize = 8;

/// Verified tokens, in bounded number and size.
pub(crate) struct Cache {
    /// None when the cache is switched off.
    sets: Box<[Set]>,
    secret: u128,
    seen: Seen,
    /// All that the entries occupy.
    bytes: AtomicUsize,
    most_bytes: usize,
    /// In seconds.
    lifetime: i64,
    /// The set that gives way next when there are too many bytes.
    hand: AtomicUsize,
}

/// Tokens that share a lock. The lock and all tags lie in one line of the processor's cache, which is all that is touched
/// beside what is looked for.
#[derive(Default)]
#[repr(align(64))]
struct Set(Mutex<Slots>);

/// Places for tokens, each with its tag: a part of the hash of the one that is there.
#[derive(Default)]
#[repr(C)]
struct Slots {
    tags: [u32; WAYS],
    entries: [Option<Entry>; WAYS],
}

/// The text lies beside what it says, so that memory need not bring the one before it can be asked for the other.
struct Entry {
    text: Arc<[u8]>,
    verified: Verified,
}

impl Cache {
    pub(crate) fn new(limits: &Limits, entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 16];
        entropy.fill(&mut secret);
        Self {
            sets: iter::repeat_with(Set::default).take(limits.cached_tokens / WAYS).collect(),
            secret: u128::from_le_bytes(secret),
            seen: Seen::new(limits.cached_tokens),
            bytes: AtomicUsize::new(0),
            most_bytes: limits.cached_bytes,
            lifetime: i64::try_from(limits.cached_for.as_secs()).unwrap_or(i64::MAX),
            hand: AtomicUsize::new(0),
        }
    }

    /// The verdict of `judge` on the token that was verified not long before `now` (seconds since 1970) and is `text` to
    /// the last byte. `None` if there is none, or none that it can judge.
    ///
    /// It is judged in its place, before it is counted as held: what follows an atomic operation waits for it, and so
    /// would wait for memory a second time.
    pub(crate) fn find(
        &self,
        text: &[u8],
        now: i64,
        judge: impl FnOnce(&Verified) -> Option<Result<(), Reason>>,
    ) -> Option<Result<Verified, Reason>> {
        let hash = self.hash(text);
        let set = self.set(hash)?;
        let tag = tag(hash);
        let slots = set.tags.iter().zip(&set.entries);
        let mut alike = slots.filter(|(other, _)| **other == tag).filter_map(|(_, entry)| entry.as_ref());
        let entry = alike.find(|entry| *entry.text == *text).filter(|entry| self.is_fresh(entry, now))?;
        Some(judge(&entry.verified)?.map(|()| entry.verified.clone()))
    }

    /// Keeps a token that was verified just now and came before, in the place of an old one if need be.
    pub(crate) fn insert(&self, verified: &Verified) {
        let text = &verified.parts().token;
        let size = verified.size();
        let hash = self.hash(text);
        if !self.seen.note(hash) || !self.reserve(size) {
            return;
        }
        let Some(mut set) = self.set(hash) else { return };
        let (tag, Slots { tags, entries }) = (tag(hash), &mut *set);
        // Its own place if it has one, a free one, or the oldest.
        let place = tags.iter_mut().zip(entries).min_by_key(|(other, entry)| match entry {
            Some(old) if **other == tag && old.text == *text => (0, 0),
            None => (1, 0),
            Some(old) => (2, old.verified.verified_at()),
        });
        if let Some((other, entry)) = place {
            *other = tag;
            self.put(entry, Some(Entry { text: Arc::clone(text), verified: verified.clone() }));
        }
    }

    /// Drops what is no longer fresh at `now`.
    pub(crate) fn sweep(&self, now: i64) {
        for set in &*self.sets {
            for entry in &mut lock(set).entries {
                if entry.as_ref().is_some_and(|entry| !self.is_fresh(entry, now)) {
                    self.put(entry, None);
                }
            }
        }
    }

    /// What all entries occupy, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A clock that was set back makes nothing fresh.
    fn is_fresh(&self, entry: &Entry, now: i64) -> bool {
        (0..self.lifetime).contains(&now.saturating_sub(entry.verified.verified_at()))
    }

    /// Counts `size` bytes more, emptying one set after another until they fit. Whether they do; if not they do not count.
    fn reserve(&self, size: usize) -> bool {
        if self.sets.is_empty() || size > self.most_bytes {
            return false;
        }
        self.bytes.fetch_add(size, Ordering::Relaxed);
        for _ in 0..self.sets.len() {
            if self.bytes() <= self.most_bytes {
                return true;
            }
            let next = self.hand.fetch_add(1, Ordering::Relaxed) % self.sets.len();
            let Some(set) = self.sets.get(next) else { break };
            let emptied = mem::take(&mut *lock(set));
            for entry in &emptied.entries {
                self.release(entry.as_ref());
            }
        }
        self.bytes.fetch_sub(size, Ordering::Relaxed);
        false
    }

    fn put(&self, place: &mut Option<Entry>, new: Option<Entry>) {
        self.release(mem::replace(place, new).as_ref());
    }

    fn release(&self, old: Option<&Entry>) {
        if let Some(old) = old {
            self.bytes.fetch_sub(old.verified.size(), Ordering::Relaxed);
        }
    }

    /// By the upper bits of a hash.
    #[expect(clippy::cast_possible_truncation, reason = "it is less than the number of sets")]
    fn set(&self, hash: u64) -> Option<MutexGuard<'_, Slots>> {
        let index = (u128::from(hash) * self.sets.len() as u128) >> 64;
        self.sets.get(index as usize).map(lock)
    }

    /// Nobody chooses the end of a signature that is good, so this only has to spread them, and to keep from others
    /// where they go.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a number")]
    fn hash(&self, text: &[u8]) -> u64 {
        let tail = u128::from_le_bytes(text.last_chunk().copied().unwrap_or_default()) ^ self.secret;
        let product = u128::from(tail as u64) * u128::from((tail >> 64) as u64);
        product as u64 ^ (product >> 64) as u64
    }
}

fn lock(Set(slots): &Set) -> MutexGuard<'_, Slots> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lower bits of a hash.
#[expect(clippy::cast_possible_truncation, reason = "the other ones have chosen the set")]
fn tag(hash: u64) -> u32 {
    hash as u32
}

#[cfg(test)]
mod tests;
