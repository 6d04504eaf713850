//! What a processor says of a charge.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The money has been taken.
    Approved,
    /// The bank needs time; asking again makes sense from then on.
    Pending {
        /// When the bank is expected to have made up its mind.
        until: Timestamp,
    },
    /// Refused at once; another card may do.
    Declined(Failure),
    /// Refused after the bank had needed time: the customer has gone, so this is the end of it.
    Failed(Failure),
}

/// Why no money was taken. The names are those of the problems that customers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    /// The bank said no, without a reason.
    CardDeclined,
    /// There is not enough on the account.
    InsufficientFunds,
    /// The charge was lost on its way; nothing was taken.
    ProcessingError,
}

/// The text names no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such failure")]
pub(crate) struct UnknownFailure;

impl Failure {
    const ALL: [Self; 3] = [Self::CardDeclined, Self::InsufficientFunds, Self::ProcessingError];

    /// The name on the wire and in the database.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::CardDeclined => "card_declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ProcessingError => "processing_error",
        }
    }
}

impl FromStr for Failure {
    type Err = UnknownFailure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == text).ok_or(UnknownFailure)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
