//! `PUT /providers/me/offerings/{id}`

use actix_web::{
    put,
    web::{Data, Json, Path},
};
use chassis::{
    Caller,
    database::Database,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{Clock, scope};

use super::{OfferingBody, TermsBody};
use crate::{domain::OfferingId, store::offerings};

/// Replaces the terms of an offering of one's own. Appointments keep those under which they were booked.
#[utoipa::path(
    tag = "providers",
    params(("id" = OfferingId, Path, description = "The offering")),
    request_body = TermsBody,
    responses(
        (status = 200, description = "The offering as it is now", body = OfferingBody),
        (status = 404, description = "`not_found`: one has no such offering"),
        (status = 422, description = "`validation_failed`: a value is not acceptable; nothing was changed"),
    ),
    security(("bearer" = ["schedule"])),
)]
#[put("/me/offerings/{id}")]
pub(crate) async fn update_offering(
    caller: Caller<scope::Schedule>,
    database: Data<Database>,
    clock: Data<dyn Clock>,
    id: Path<OfferingId>,
    Body(body): Body<TermsBody>,
) -> Answer<Json<OfferingBody>> {
    let (terms, of_caller) = (body.parse()?, (caller.user_id(), *id));
    let offering = offerings::update(&database, of_caller, &terms, body.active, clock.now()).await?;
    Ok(Json(offering.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.into()))
}
