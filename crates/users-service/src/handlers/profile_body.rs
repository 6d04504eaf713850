//! A profile as callers see it.

use identity::UserId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Profile;

/// What a user tells of themselves. What was never told is null.
#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
pub(crate) struct ProfileBody {
    /// The user, as access tokens name them.
    id: UserId,
    display_name: Option<String>,
    /// ITU-T E.164.
    #[schema(example = "+41446681800")]
    phone: Option<String>,
    /// A name in the IANA time zone database.
    #[schema(example = "Europe/Zurich")]
    time_zone: Option<String>,
    /// A BCP 47 language tag.
    #[schema(example = "de-CH")]
    locale: Option<String>,
    /// When the user was first seen here.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the profile was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Profile> for ProfileBody {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.user_id,
            display_name: profile.display_name.map(String::from),
            phone: profile.phone.map(String::from),
            time_zone: profile.time_zone.map(String::from),
            locale: profile.locale.map(String::from),
            created_at: profile.created_at,
            updated_at: profile.updated_at,
        }
    }
}
