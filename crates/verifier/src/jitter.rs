//! Scattering instants, so that the replicas of a service do not all ask the issuer at once.

use std::time::Duration;

use identity::Entropy;

/// A duration drawn evenly between `least` and `most`.
pub(crate) fn between(entropy: &dyn Entropy, least: Duration, most: Duration) -> Duration {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    let part = u128::from(u64::from_le_bytes(bytes));
    let span = most.saturating_sub(least).as_nanos();
    // A fraction of 2⁶⁴: the spans here are hours, so the product stays far below 2¹²⁸.
    let drawn = span.saturating_mul(part) >> 64;
    least + Duration::from_nanos(u64::try_from(drawn).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn draws_span_the_range() {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(61));
        assert_eq!(between(&Always(0), least, most), least);
        let high = between(&Always(255), least, most);
        assert!(high <= most && high > Duration::from_millis(60_999), "{high:?}");
        let middle = between(&Always(128), least, most);
        assert!(middle > Duration::from_secs(31) && middle < Duration::from_secs(32), "{middle:?}");
        assert_eq!(between(&Always(255), most, least), most);
    }
}
