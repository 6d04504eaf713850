//! Which tokens came lately, by a few bits of each. To be wrong costs a place in the cache or one more verification.

use std::sync::atomic::{AtomicU64, Ordering};

/// Four tags in each place, the latest in the lowest bits. Tokens that take turns need a place for more than one, or
/// each would make the other one be forgotten.
pub(super) struct Seen(Box<[AtomicU64]>);

const TAG_BITS: u32 = u16::BITS;

impl Seen {
    /// Remembers some four times as many tokens as there are `places`.
    pub(super) fn new(places: usize) -> Self {
        Self((0..places).map(|_| AtomicU64::new(0)).collect())
    }

    /// Whether a token of this hash came lately. It has now.
    #[expect(clippy::cast_possible_truncation, reason = "any part of a hash will do")]
    pub(super) fn note(&self, hash: u64) -> bool {
        let place = (hash as usize).checked_rem(self.0.len()).and_then(|index| self.0.get(index));
        let Some(place) = place else { return false };
        // From the bits that choose no place; never the tag of an empty one.
        let tag = hash >> (u64::BITS - TAG_BITS) | 1;
        let tags = place.load(Ordering::Relaxed);
        let was_seen = (0..u64::BITS / TAG_BITS).any(|lane| tags >> (lane * TAG_BITS) & 0xffff == tag);
        if !was_seen {
            // What another thread notes here at the same moment may be lost.
            place.store(tags << TAG_BITS | tag, Ordering::Relaxed);
        }
        was_seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_take_turns_in_one_place() {
        let seen = Seen::new(1);
        let hashes = [1, 2, 3, 4].map(|number: u64| number << 50);
        assert!(hashes.iter().all(|hash| !seen.note(*hash)));
        assert!(hashes.iter().cycle().take(40).all(|hash| seen.note(*hash)));
        assert!(!seen.note(5 << 50));
        assert!(!seen.note(1 << 50), "the oldest gives way");
    }

    #[test]
    fn nothing_is_seen_before_it_came() {
        let seen = Seen::new(1_000);
        assert!((0..1_000).all(|hash| !seen.note(hash)));
        assert!(!Seen::new(0).note(1));
    }
}
