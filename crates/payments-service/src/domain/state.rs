//! Where a payment stands, with what is known there and nothing else.
//!
//! ```text
//! requires_confirmation ──confirm──▶ processing ──approved──▶ succeeded
//!         │      ▲                    │     │
//!         │      └─────declined───────┘     └──failed──▶ failed
//!         └──expired, released──▶ cancelled ◀──declined once released── (processing)
//! ```

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Failure;

/// A payment's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits for the customer's card.
    RequiresConfirmation {
        /// Why the card before was declined, if one was.
        declined: Option<Failure>,
    },
    /// A charge is under way. Money may have been taken already.
    Processing {
        /// When the processor should be asked what became of it.
        check_at: Timestamp,
        /// Whether the booking has ended meanwhile: what is taken now is given back.
        released: bool,
    },
    /// Paid. Final; money may be given back.
    Succeeded,
    /// Refused after processing. Final.
    Failed(Failure),
    /// Not paid in time, or not wanted any more. Final.
    Cancelled,
}

/// The name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Waits for a card.
    RequiresConfirmation,
    /// A charge is under way.
    Processing,
    /// Paid.
    Succeeded,
    /// Refused for good.
    Failed,
    /// Never paid, and cannot be any more.
    Cancelled,
}

/// The text names no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such status")]
pub(crate) struct UnknownStatus;

impl State {
    /// The state's name.
    #[must_use]
    pub(crate) const fn status(self) -> Status {
        match self {
            Self::RequiresConfirmation { .. } => Status::RequiresConfirmation,
            Self::Processing { .. } => Status::Processing,
            Self::Succeeded => Status::Succeeded,
            Self::Failed(_) => Status::Failed,
            Self::Cancelled => Status::Cancelled,
        }
    }

    /// Why no money was taken at the last attempt.
    #[must_use]
    pub(crate) const fn failure(self) -> Option<Failure> {
        match self {
            Self::RequiresConfirmation { declined } => declined,
            Self::Failed(failure) => Some(failure),
            Self::Processing { .. } | Self::Succeeded | Self::Cancelled => None,
        }
    }
}

impl Status {
    const ALL: [Self; 5] =
        [Self::RequiresConfirmation, Self::Processing, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The name on the wire and in the database.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresConfirmation => "requires_confirmation",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
