//! `PUT /providers/me`

use actix_web::{
    put,
    web::{Data, Json},
};
use chassis::{Caller, database::Database, http::Body, problem::Answer};
use identity::{Clock, scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ProviderBody;
use crate::{
    domain::{CancellationPolicy, Name, Zone},
    store::providers,
};

/// What a provider says of itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutMe {
    /// A line of 1 to 100 characters.
    #[schema(max_length = 100, example = "Ada's studio")]
    name: String,
    /// A name in the IANA time zone database. Opening hours are by its clocks; what is booked stays when it is.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// What cancelling costs, for appointments that are booked from now on.
    cancellation: CancellationPolicy,
}

/// Introduces oneself as a provider, closed at first, or changes what one says of oneself.
#[utoipa::path(
    tag = "providers",
    request_body = PutMe,
    responses(
        (status = 200, description = "The provider as it is now", body = ProviderBody),
        (status = 422, description = "`validation_failed`: a value is not acceptable; nothing was changed"),
    ),
    security(("bearer" = ["schedule"])),
)]
#[put("/me")]
pub(crate) async fn put_me(
    caller: Caller<scope::Schedule>,
    database: Data<Database>,
    clock: Data<dyn Clock>,
    Body(body): Body<PutMe>,
) -> Answer<Json<ProviderBody>> {
    let (name, zone) = (Name::parse(&body.name)?, Zone::parse(&body.time_zone)?);
    let policy = body.cancellation.parse()?;
    let provider = providers::put(&database, caller.user_id(), &name, &zone, policy, clock.now()).await?;
    Ok(Json(provider.into()))
}
