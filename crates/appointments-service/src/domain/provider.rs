//! Who offers time.

use identity::UserId;
use jiff::Timestamp;

use super::{CancellationPolicy, Name, OpeningHours, Schedule, Zone};

/// A user who offers time that others book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    /// The user's account.
    pub(crate) id: UserId,
    /// What customers know it by.
    pub(crate) name: Name,
    /// Where its clocks hang.
    pub(crate) zone: Zone,
    /// When it is open, by those clocks.
    pub(crate) hours: OpeningHours,
    /// What cancelling costs.
    pub(crate) cancellation: CancellationPolicy,
    /// When it first appeared.
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    pub(crate) updated_at: Timestamp,
}

impl Provider {
    /// When it is open.
    pub(crate) fn schedule(&self) -> Schedule<'_> {
        Schedule { hours: &self.hours, zone: &self.zone }
    }
}
