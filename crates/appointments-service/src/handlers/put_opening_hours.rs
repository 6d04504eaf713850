//! `PUT /providers/me/opening-hours`

use actix_web::{
    put,
    web::{Data, Json},
};
use chassis::{
    Caller,
    database::Database,
    http::Body,
    problem::{Answer, Problem},
};
use identity::{Clock, scope};

use super::ProviderBody;
use crate::{
    domain::{OpeningHours, Week},
    problems::NO_PROVIDER,
    store::providers,
};

/// Replaces one's opening hours. What is booked already stays booked.
#[utoipa::path(
    tag = "providers",
    request_body = Week,
    responses(
        (status = 200, description = "The provider as it is now", body = ProviderBody),
        (status = 409, description = "`no_provider`: put /providers/me first"),
        (status = 422, description = "`validation_failed`: hours that make no sense; nothing was changed"),
    ),
    security(("bearer" = ["schedule"])),
)]
#[put("/me/opening-hours")]
pub(crate) async fn put_opening_hours(
    caller: Caller<scope::Schedule>,
    database: Data<Database>,
    clock: Data<dyn Clock>,
    Body(body): Body<Week>,
) -> Answer<Json<ProviderBody>> {
    let hours = OpeningHours::parse(&body)?;
    let provider = providers::set_opening_hours(&database, caller.user_id(), &hours, clock.now()).await?;
    Ok(Json(provider.ok_or_else(|| Problem::new(&NO_PROVIDER))?.into()))
}
