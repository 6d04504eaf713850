//! What a provider offers.

use identity::UserId;
use jiff::Timestamp;

use super::{Invalid, Name, OfferingId, Price};

/// Something that can be booked with a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offering {
    /// Its own name.
    pub(crate) id: OfferingId,
    /// Who offers it.
    pub(crate) provider_id: UserId,
    /// What it is.
    pub(crate) terms: Terms,
    /// Whether it can be booked at present.
    pub(crate) active: bool,
    /// When it was first offered.
    pub(crate) created_at: Timestamp,
    /// When it was last changed.
    pub(crate) updated_at: Timestamp,
}

/// What is offered: appointments keep the terms under which they were booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    /// What it is called.
    pub(crate) name: Name,
    /// How long it takes.
    pub(crate) minutes: u32,
    /// What it costs.
    pub(crate) price: Price,
}

impl Terms {
    /// The shortest offering, in minutes.
    pub(crate) const MIN_MINUTES: u32 = 5;
    /// The longest offering, in minutes.
    pub(crate) const MAX_MINUTES: u32 = 12 * 60;

    /// Terms out of what a provider writes.
    pub(crate) fn parse(name: &str, minutes: u32, price: Price) -> Result<Self, Invalid> {
        if !(Self::MIN_MINUTES..=Self::MAX_MINUTES).contains(&minutes) {
            let (low, high) = (Self::MIN_MINUTES, Self::MAX_MINUTES);
            return Err(Invalid::new(format!("`minutes` must be between {low} and {high}")));
        }
        Ok(Self { name: Name::parse(name)?, minutes, price })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offering_takes_five_minutes_to_twelve_hours() {
        let price = Price::parse(3000, "EUR").unwrap();
        for (minutes, good) in [(4, false), (5, true), (720, true), (721, false)] {
            assert_eq!(Terms::parse("Haircut", minutes, price).is_ok(), good, "{minutes}");
        }
    }
}
