//! The cache of verified tokens: a token that was verified a moment ago is recognised instead of verified again.
//!
//! It is found by a keyed hash of its last characters, which are the signature's, and then compared **in full** with the
//! token that was verified: a cache that knows a token by a part of it would accept a forged rest. Whoever reaches the comparison has the signature already, so how long it takes tells nothing.
//!
//! Only tokens that were verified get in, so nobody without a good token can push another out. What is found is judged
//! again by its caller (`issuer`): time, audience, revocation and whether the keys are still the same.
//!
//! The cache is an array of small sets, each with a lock of its own that is held for some nanoseconds. A hit allocates
//! nothing.

use std::{
    iter, mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use identity::Entropy;
use siphasher::sip::SipHasher13;

use crate::{Limits, Verified};

/// How many tokens share a lock.
const WAYS: usize = 8;
/// How much of a token is hashed: 16 characters of base64url hold 96 bits of the signature.
const TAIL: usize = 16;

/// Verified tokens, in bounded number and size.
pub(crate) struct Cache {
    /// None when the cache is switched off.
    sets: Box<[Mutex<Set>]>,
    secret: [u8; 16],
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
    token: Option<Verified>,
}

type Set = [Slot; WAYS];

impl Cache {
    pub(crate) fn new(limits: &Limits, entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 16];
        entropy.fill(&mut secret);
        Self {
            sets: iter::repeat_with(Mutex::default).take(limits.cached_tokens / WAYS).collect(),
            secret,
            bytes: AtomicUsize::new(0),
            most_bytes: limits.cached_bytes,
            lifetime: i64::try_from(limits.cached_for.as_secs()).unwrap_or(i64::MAX),
            hand: AtomicUsize::new(0),
        }
    }

    /// The token that was verified not long before `now` (seconds since 1970) and is `text` to the last byte.
    pub(crate) fn find(&self, text: &[u8], now: i64) -> Option<Verified> {
        let hash = self.hash(text);
        let set = self.set(hash)?;
        let candidates = set.iter().filter(|slot| slot.hash == hash).filter_map(|slot| slot.token.as_ref());
        candidates
            .filter(|token| self.is_fresh(token, now))
            .find(|token| token.token().as_bytes() == text)
            .cloned()
    }

    /// Keeps a token that was verified just now, in the place of an old one if need be.
    pub(crate) fn insert(&self, token: &Verified) {
        let size = token.size();
        let hash = self.hash(token.token().as_bytes());
        if !self.reserve(size) {
            return;
        }
        let Some(mut set) = self.set(hash) else { return };
        // Its own place if it has one, a free one, or the oldest.
        let place = set.iter_mut().min_by_key(|slot| match &slot.token {
            Some(old) if slot.hash == hash && old.token() == token.token() => (0, 0),
            None => (1, 0),
            Some(old) => (2, old.verified_at()),
        });
        if let Some(slot) = place {
            self.put(slot, Slot { hash, token: Some(token.clone()) });
        }
    }

    /// Drops what is no longer fresh at `now`.
    pub(crate) fn sweep(&self, now: i64) {
        for set in &*self.sets {
            for slot in lock(set).iter_mut() {
                if slot.token.as_ref().is_some_and(|token| !self.is_fresh(token, now)) {
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
    fn is_fresh(&self, token: &Verified, now: i64) -> bool {
        (0..self.lifetime).contains(&now.saturating_sub(token.verified_at()))
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
        if let Some(token) = &old.token {
            self.bytes.fetch_sub(token.size(), Ordering::Relaxed);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "any part of a hash will do")]
    fn set(&self, hash: u64) -> Option<MutexGuard<'_, Set>> {
        let index = (hash as usize).checked_rem(self.sets.len())?;
        self.sets.get(index).map(lock)
    }

    fn hash(&self, text: &[u8]) -> u64 {
        let tail = text.last_chunk::<TAIL>().map_or(text, <[u8; TAIL]>::as_slice);
        SipHasher13::new_with_key(&self.secret).hash(tail)
    }
}

fn lock(set: &Mutex<Set>) -> MutexGuard<'_, Set> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
