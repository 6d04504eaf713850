//! Where an appointment stands.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `pending_payment → confirmed | lapsed | cancelled`, `confirmed → cancelled`; a payment that arrives late may
/// still turn `lapsed` into `confirmed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Held for the customer until the payment arrives or the hold expires.
    PendingPayment,
    /// It will take place.
    Confirmed,
    /// It was not paid for in time.
    Lapsed,
    /// The customer or the provider called it off, or the booking failed half-way.
    Cancelled,
}

impl Status {
    /// The name on the wire and in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PendingPayment => "pending_payment",
            Self::Confirmed => "confirmed",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::PendingPayment, Self::Confirmed, Self::Lapsed, Self::Cancelled];
        all.into_iter().find(|status| status.as_str() == text).ok_or_else(|| format!("no status {text:?}"))
    }
}
