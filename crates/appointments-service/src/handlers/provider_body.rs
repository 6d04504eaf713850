//! A provider as everybody sees it.

use identity::UserId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{CancellationPolicy, Provider, Week};

/// Somebody who offers time.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
pub(crate) struct ProviderBody {
    /// The user who it is.
    id: UserId,
    name: String,
    /// A name in the IANA time zone database: opening hours are by its clocks.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// What cancelling costs, for appointments that are booked from now on.
    cancellation: CancellationPolicy,
    opening_hours: Week,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Provider> for ProviderBody {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id,
            name: provider.name.as_str().to_owned(),
            time_zone: provider.zone.name().to_owned(),
            cancellation: provider.cancellation,
            opening_hours: provider.hours.to_week(),
            created_at: provider.created_at,
            updated_at: provider.updated_at,
        }
    }
}
