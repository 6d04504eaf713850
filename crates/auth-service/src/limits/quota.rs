//! A quota as an operator writes it: `30/1m burst 10`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

use chassis::settings::FromText;
use jiff::SignedDuration;

/// So many in a time, spread evenly, and so many at once when nothing was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    count: NonZeroU32,
    period: Duration,
    burst: NonZeroU32,
}

/// The text is no quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quota reads like \"30/1m burst 10\": 30 in each minute, up to 10 at once")]
pub struct InvalidQuota;

impl Quota {
    /// `count` in each `period`, up to `burst` at once. Refuses zeros and periods beyond a day.
    pub fn parse(count: u32, period: Duration, burst: u32) -> Result<Self, InvalidQuota> {
        let (count, burst) = NonZeroU32::new(count).zip(NonZeroU32::new(burst)).ok_or(InvalidQuota)?;
        let interval = period / count.get();
        if interval.is_zero() || period > Duration::from_hours(24) {
            return Err(InvalidQuota);
        }
        Ok(Self { count, period, burst })
    }

    /// A quota that stands in this program: zeros count as one.
    pub(crate) fn new(count: u32, period: Duration, burst: u32) -> Self {
        let positive = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { count: positive(count), period, burst: positive(burst) }
    }

    /// The time after which one more is allowed.
    pub(crate) fn interval(self) -> Duration {
        self.period / self.count.get()
    }

    pub(crate) fn burst(self) -> NonZeroU32 {
        self.burst
    }
}

impl FromStr for Quota {
    type Err = InvalidQuota;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rate, burst) = text.split_once("burst").ok_or(InvalidQuota)?;
        let (count, period) = rate.split_once('/').ok_or(InvalidQuota)?;
        let number = |text: &str| text.trim().parse().map_err(|_| InvalidQuota);
        let period: SignedDuration = period.trim().parse().map_err(|_| InvalidQuota)?;
        Self::parse(number(count)?, period.try_into().map_err(|_| InvalidQuota)?, number(burst)?)
    }
}

impl FromText for Quota {
    const EXPECTED: &'static str = "a quota such as \"30/1m burst 10\": 30 in each minute, up to 10 at once";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = SignedDuration::try_from(self.period).unwrap_or(SignedDuration::MAX);
        write!(f, "{}/{period:#} burst {}", self.count, self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_text_is_read_and_written() {
        let quota: Quota = "30/1m burst 10".parse().unwrap();
        assert_eq!(quota, Quota::parse(30, Duration::from_mins(1), 10).unwrap());
        assert_eq!(quota.to_string(), "30/1m burst 10");
        assert_eq!(quota.interval(), Duration::from_secs(2));
        assert_eq!(" 5 / 1 hour  burst  5".parse::<Quota>().unwrap().interval(), Duration::from_mins(12));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "30",
            "30/1m",
            "0/1m burst 1",
            "1/0s burst 1",
            "1/1m burst 0",
            "-1/1m burst 1",
            "1/2d burst 1",
            "1/-1m burst 1",
        ] {
            assert_eq!(text.parse::<Quota>(), Err(InvalidQuota), "{text}");
        }
    }
}
