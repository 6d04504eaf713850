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
    sets: Box<[Mutex<Set>]>,
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

/// A place for a token.
#[derive(Default)]
struct Slot {
    hash: u64,
    /// In seconds since 1970.
    verified_at: i64,
    token: Option<Entry>,
}

/// The text lies beside what it says, so that memory need not bring the one before it can be asked for the other.
struct Entry {
    text: Arc<[u8]>,
    verified: Verified,
}

type Set = [Slot; WAYS];

impl Cache {
    pub(crate) fn new(limits: &Limits, entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 16];
        entropy.fill(&mut secret);
        Self {
            sets: iter::repeat_with(Mutex::default).take(limits.cached_tokens / WAYS).collect(),
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
        let alike = set.iter().filter(|slot| slot.hash == hash && self.is_fresh(slot, now));
        let mut alike = alike.filter_map(|slot| slot.token.as_ref());
        let Entry { verified, .. } = alike.find(|entry| *entry.text == *text)?;
        Some(judge(verified)?.map(|()| verified.clone()))
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
        // Its own place if it has one, a free one, or the oldest.
        let place = set.iter_mut().min_by_key(|slot| match &slot.token {
            Some(old) if slot.hash == hash && old.text == *text => (0, 0),
            None => (1, 0),
            Some(_) => (2, slot.verified_at),
        });
        if let Some(slot) = place {
            let token = Some(Entry { text: Arc::clone(text), verified: verified.clone() });
            self.put(slot, Slot { hash, verified_at: verified.verified_at(), token });
        }
    }

    /// Drops what is no longer fresh at `now`.
    pub(crate) fn sweep(&self, now: i64) {
        for set in &*self.sets {
            for slot in lock(set).iter_mut() {
                if slot.token.is_some() && !self.is_fresh(slot, now) {
                    self.put(slot, Slot::default());
                }
            }
        }
    }

    /// What all entries occupy, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A clock that was set back makes nothing fresh.
    fn is_fresh(&self, slot: &Slot, now: i64) -> bool {
        (0..self.lifetime).contains(&now.saturating_sub(slot.verified_at))
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
            for slot in &emptied {
                self.release(slot);
            }
        }
        self.bytes.fetch_sub(size, Ordering::Relaxed);
        false
    }

    fn put(&self, slot: &mut Slot, new: Slot) {
        self.release(&mem::replace(slot, new));
    }

    fn release(&self, old: &Slot) {
        if let Some(old) = &old.token {
            self.bytes.fetch_sub(old.verified.size(), Ordering::Relaxed);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "any part of a hash will do")]
    fn set(&self, hash: u64) -> Option<MutexGuard<'_, Set>> {
        let index = (hash as usize).checked_rem(self.sets.len())?;
        self.sets.get(index).map(lock)
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

fn lock(set: &Mutex<Set>) -> MutexGuard<'_, Set> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
