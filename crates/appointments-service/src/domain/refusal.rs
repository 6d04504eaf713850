//! What the rules answer when something may not be done.

/// Why an appointment cannot be made, moved or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The time has begun already.
    #[error("this time is in the past")]
    InThePast,
    /// The provider is not open, for all of that time.
    #[error("the provider is not open then")]
    OutsideOpeningHours,
    /// The provider is open, but no slot of this offering begins then.
    #[error("no slot of this offering begins then")]
    NotASlot,
    /// Somebody else holds that time or part of it.
    #[error("the time is taken")]
    Taken,
    /// It was cancelled or has lapsed.
    #[error("the appointment has ended")]
    Ended,
    /// It has begun.
    #[error("the appointment has begun")]
    Begun,
}
