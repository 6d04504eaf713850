//! `DELETE /providers/me/offerings/{id}`

use actix_web::{
    HttpResponse, delete,
    web::{Data, Path},
};
use chassis::{
    Caller,
    database::Database,
    problem::{Answer, Problem, codes},
};
use identity::{Clock, scope};

use crate::{domain::OfferingId, store::offerings};

/// Stops offering something. Appointments made out of it stay, and putting it again offers it again.
#[utoipa::path(
    tag = "providers",
    params(("id" = OfferingId, Path, description = "The offering")),
    responses(
        (status = 204, description = "It cannot be booked any more"),
        (status = 404, description = "`not_found`: one has no such offering"),
    ),
    security(("bearer" = ["schedule"])),
)]
#[delete("/me/offerings/{id}")]
pub(crate) async fn withdraw_offering(
    caller: Caller<scope::Schedule>,
    database: Data<Database>,
    clock: Data<dyn Clock>,
    id: Path<OfferingId>,
) -> Answer<HttpResponse> {
    if offerings::deactivate(&database, caller.user_id(), *id, clock.now()).await? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Problem::new(&codes::NOT_FOUND))
}
