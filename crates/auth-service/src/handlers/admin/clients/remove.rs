//! `DELETE /auth/admin/clients/{id}`

use actix_web::{
    HttpResponse, delete,
    web::{Data, Path},
};
use chassis::{Caller, Within, problem::Answer};
use identity::scope;

use super::{named, nobody};
use crate::{app::App, client::Client};

/// Removes a client for good. Whatever was issued to it is refused everywhere from now on, and nobody can be
/// registered by its name again.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The client's name")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "`not_found`"),
    ),
    security(("bearer" = ["admin"])),
)]
#[delete("/admin/clients/{id}")]
pub(crate) async fn remove_client(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    peer: Client,
    id: Path<String>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let removed = app.remove_client(&named(&id)?, Some((caller.user_id(), &peer))).await?;
    removed.then(|| HttpResponse::NoContent().finish()).ok_or_else(nobody)
}
