//! `PATCH /users/me`

use actix_web::{
    patch,
    web::{Data, Json},
};
use chassis::{
    Caller,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{Clock, scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ProfileBody;
use crate::{
    domain::{Change, DisplayName, Locale, Phone, ProfileChanges, TimeZoneName, Unacceptable},
    store::Profiles,
};

/// A JSON merge patch (RFC 7396): what is left out stays, what is null goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateMe {
    /// On one line, at most 80 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 80, example = "Ada")]
    display_name: Change<String>,
    /// ITU-T E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^\+[1-9][0-9]{6,14}$", example = "+41446681800")]
    phone: Change<String>,
    /// A name in the IANA time zone database.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Zurich")]
    time_zone: Change<String>,
    /// A BCP 47 language tag.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-CH")]
    locale: Change<String>,
}

/// Changes one's own profile.
#[utoipa::path(
    tag = "users",
    request_body = UpdateMe,
    responses(
        (status = 200, description = "The profile as it is now", body = ProfileBody),
        (status = 422, description = "`validation_failed`: a value is not acceptable; nothing was changed"),
    ),
    security(("bearer" = ["profile"])),
)]
#[patch("/me")]
pub(crate) async fn update_me(
    caller: Caller<scope::Profile>,
    profiles: Data<Profiles>,
    clock: Data<dyn Clock>,
    Body(body): Body<UpdateMe>,
) -> Answer<Json<ProfileBody>> {
    let changes = body.parse()?;
    let profile = profiles.change(caller.user_id(), changes, clock.now()).await?;
    Ok(Json(profile.into()))
}

impl UpdateMe {
    fn parse(self) -> Answer<ProfileChanges> {
        Ok(ProfileChanges {
            display_name: parse("display_name", self.display_name, DisplayName::parse)?,
            phone: parse("phone", self.phone, Phone::parse)?,
            time_zone: parse("time_zone", self.time_zone, TimeZoneName::parse)?,
            locale: parse("locale", self.locale, Locale::parse)?,
        })
    }
}

fn parse<T>(
    field: &str,
    change: Change<String>,
    parse: fn(&str) -> Result<T, Unacceptable>,
) -> Answer<Change<T>> {
    change.parse(|text| parse(&text)).map_err(|unacceptable| {
        Problem::new(&codes::VALIDATION_FAILED).detail(format!("`{field}` {unacceptable}"))
    })
}
