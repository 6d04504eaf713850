//! What cancelling costs.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Invalid, Party, Price};

/// A provider's rule: everything back until so many hours before, a share of it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancellationPolicy {
    /// Until how many hours before its beginning an appointment can be cancelled for free, 0 to 8760.
    pub(crate) free_until_hours: u32,
    /// How much of the price comes back after that, 0 to 100.
    pub(crate) late_refund_percent: u8,
}

/// What was agreed for one appointment when it was booked; a policy changed later does not touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CancellationTerms {
    /// The policy at that time.
    pub(crate) policy: CancellationPolicy,
    /// The last instant at which the customer gets everything back.
    pub(crate) free_until: Timestamp,
}

impl CancellationPolicy {
    /// The longest notice, in hours: a year.
    const MAX_HOURS: u32 = 365 * 24;

    /// Takes the policy if its numbers make sense.
    pub(crate) fn parse(self) -> Result<Self, Invalid> {
        if self.free_until_hours > Self::MAX_HOURS {
            let highest = Self::MAX_HOURS;
            return Err(Invalid::new(format!("`free_until_hours` must be between 0 and {highest}")));
        }
        if self.late_refund_percent > 100 {
            return Err(Invalid::new("`late_refund_percent` must be between 0 and 100"));
        }
        Ok(self)
    }

    fn deadline(self, starts_at: Timestamp) -> Timestamp {
        let notice = SignedDuration::from_hours(i64::from(self.free_until_hours));
        starts_at.checked_sub(notice).unwrap_or(Timestamp::MIN)
    }
}

impl CancellationTerms {
    /// The terms of an appointment that begins at `starts_at`.
    pub(crate) fn agree(policy: CancellationPolicy, starts_at: Timestamp) -> Self {
        Self { policy, free_until: policy.deadline(starts_at) }
    }

    /// How much of `price` comes back, in minor units, when `by` cancels at `now`: everything when it is the
    /// provider or in time, otherwise the agreed share, rounded down.
    pub(crate) fn refund(&self, price: &Price, by: Party, now: Timestamp) -> i64 {
        if by == Party::Provider || now <= self.free_until {
            return price.minor;
        }
        price.share(self.policy.late_refund_percent)
    }

    /// The terms after the appointment was moved to `starts_at`. A customer who is late stays late: moving it far
    /// away and then cancelling must not be cheaper than cancelling. One who was moved may always decline.
    pub(crate) fn moved(&self, by: Party, starts_at: Timestamp, now: Timestamp) -> Self {
        let free_until = match by {
            Party::Provider => starts_at,
            Party::Customer if now > self.free_until => self.free_until,
            Party::Customer => self.policy.deadline(starts_at),
        };
        Self { policy: self.policy, free_until }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn start() -> Timestamp {
        "2030-06-03T09:00:00Z".parse().unwrap()
    }

    fn terms(free_until_hours: u32, late_refund_percent: u8) -> CancellationTerms {
        let policy = CancellationPolicy { free_until_hours, late_refund_percent }.parse().unwrap();
        CancellationTerms::agree(policy, start())
    }

    #[test]
    fn everything_comes_back_in_time_and_a_share_later() {
        let (terms, price) = (terms(24, 50), Price::parse(3001, "EUR").unwrap());
        let deadline = start() - 24 * HOUR;
        let just_late = deadline + SignedDuration::from_nanos(1);
        assert_eq!(terms.refund(&price, Party::Customer, deadline), 3001);
        assert_eq!(terms.refund(&price, Party::Customer, just_late), 1500);
        assert_eq!(terms.refund(&price, Party::Provider, just_late), 3001);
    }

    #[test]
    fn moving_an_appointment_does_not_undo_being_late() {
        let (terms, price) = (terms(24, 0), Price::parse(3000, "EUR").unwrap());
        let (late, far) = (start() - HOUR, start() + 1000 * HOUR);
        assert_eq!(terms.moved(Party::Customer, far, late).refund(&price, Party::Customer, late), 0);
        let early = start() - 48 * HOUR;
        assert_eq!(terms.moved(Party::Customer, far, early).free_until, far - 24 * HOUR);
        let soon = late + SignedDuration::from_mins(30);
        assert_eq!(terms.moved(Party::Provider, soon, late).refund(&price, Party::Customer, late), 3000);
    }

    #[test]
    fn numbers_without_sense_are_refused() {
        for (hours, percent, good) in [(8760, 100, true), (8761, 0, false), (0, 101, false), (0, 0, true)] {
            let policy = CancellationPolicy { free_until_hours: hours, late_refund_percent: percent };
            assert_eq!(policy.parse().is_ok(), good, "{policy:?}");
        }
    }

    proptest! {
        #[test]
        fn a_refund_is_never_negative_nor_more_than_was_paid(
            minor in 0..=Price::MAX_MINOR,
            hours in 0..=8760_u32,
            percent in 0..=100_u8,
            minutes_before in 0..=20_000_000_i64,
            by_provider: bool,
        ) {
            let (terms, price) = (terms(hours, percent), Price::parse(minor, "EUR").unwrap());
            let now = start() - SignedDuration::from_mins(minutes_before);
            let by = if by_provider { Party::Provider } else { Party::Customer };
            let refund = terms.refund(&price, by, now);
            prop_assert!((0..=minor).contains(&refund));
            prop_assert!(minutes_before < i64::from(hours) * 60 || refund == minor);
        }
    }
}
