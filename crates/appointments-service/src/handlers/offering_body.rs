//! An offering as it is written and as everybody sees it.

use identity::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Invalid, Offering, OfferingId, Price, Terms};

/// What is offered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferingTerms)]
pub(crate) struct TermsBody {
    /// A line of 1 to 100 characters.
    #[schema(max_length = 100, example = "Haircut")]
    name: String,
    /// How long it takes. Slots are that long.
    #[schema(minimum = 5, maximum = 720, example = 45)]
    minutes: u32,
    /// What it costs in minor units of the currency, such as cents; 0 is free.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 3500)]
    price_minor: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    /// Whether it can be booked.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) active: bool,
}

/// Something that can be booked.
#[derive(Serialize, ToSchema)]
#[schema(as = Offering)]
pub(crate) struct OfferingBody {
    id: OfferingId,
    provider_id: UserId,
    name: String,
    minutes: u32,
    /// In minor units of the currency, such as cents; 0 is free.
    price_minor: i64,
    /// ISO 4217.
    currency: &'static str,
    /// Whether it can be booked.
    active: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl TermsBody {
    pub(super) fn parse(&self) -> Result<Terms, Invalid> {
        Terms::parse(&self.name, self.minutes, Price::parse(self.price_minor, &self.currency)?)
    }
}

impl From<Offering> for OfferingBody {
    fn from(offering: Offering) -> Self {
        Self {
            id: offering.id,
            provider_id: offering.provider_id,
            name: offering.terms.name.as_str().to_owned(),
            minutes: offering.terms.minutes,
            price_minor: offering.terms.price.minor,
            currency: offering.terms.price.currency.as_str(),
            active: offering.active,
            created_at: offering.created_at,
            updated_at: offering.updated_at,
        }
    }
}

fn yes() -> bool {
    true
}
