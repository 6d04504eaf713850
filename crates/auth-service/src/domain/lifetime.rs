//! How long things live: arithmetic on the clock that cannot overflow, and the jitter of access tokens.

use std::time::Duration;

use identity::Entropy;
use jiff::{SignedDuration, Timestamp};

/// An access token's lifetime is shortened by up to this part of it, so that clients which logged in together
/// do not all come back together.
const JITTER_PART: u32 = 20;

/// The time from `since` to `now`; nothing when clocks disagree about their order.
pub(crate) fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

/// `moment` and `by` more, or the end of time.
pub(crate) fn later(moment: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| moment.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// `moment` less `by`, or the beginning of time.
pub(crate) fn earlier(moment: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| moment.checked_sub(by).ok()).unwrap_or(Timestamp::MIN)
}

/// `lifetime`, shortened by a random part of up to 5 %. Never longer: the configured lifetime is a promise.
pub(crate) fn jittered(lifetime: Duration, entropy: &dyn Entropy) -> Duration {
    let mut dice = [0; 2];
    entropy.fill(&mut dice);
    let widest = lifetime / JITTER_PART;
    lifetime.saturating_sub(widest.saturating_mul(u32::from(u16::from_be_bytes(dice))) / u32::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Dice(u8);

    impl Entropy for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    proptest! {
        #[test]
        fn jitter_takes_at_most_a_twentieth_and_never_adds(seconds in 60u64..=3600, dice: u8) {
            let lifetime = Duration::from_secs(seconds);
            let jittered = jittered(lifetime, &Dice(dice));
            prop_assert!(jittered <= lifetime && jittered >= lifetime * 19 / 20);
        }
    }

    #[test]
    fn jitter_spans_its_whole_range() {
        let lifetime = Duration::from_mins(10);
        assert_eq!(jittered(lifetime, &Dice(0)), lifetime);
        assert_eq!(jittered(lifetime, &Dice(255)), Duration::from_secs(570));
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(later(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
        assert_eq!(earlier(Timestamp::MIN, Duration::MAX), Timestamp::MIN);
        assert_eq!(elapsed(Timestamp::MAX, Timestamp::UNIX_EPOCH), Duration::ZERO);
    }
}
