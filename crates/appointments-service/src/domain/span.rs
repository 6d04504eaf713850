//! A stretch of time.

use jiff::Timestamp;

/// From one instant until just before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first instant within.
    pub(crate) starts_at: Timestamp,
    /// The first instant after.
    pub(crate) ends_at: Timestamp,
}

impl Span {
    /// How long it is, in whole minutes.
    pub(crate) fn minutes(&self) -> u32 {
        u32::try_from(self.ends_at.duration_since(self.starts_at).as_mins()).unwrap_or_default()
    }

    /// Whether the two have an instant in common. One that ends when the other starts has not.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}
