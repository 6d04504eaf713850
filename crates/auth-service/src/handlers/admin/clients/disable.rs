//! `POST /auth/admin/clients/{id}/disable`

use actix_web::{
    post,
    web::{Data, Json, Path},
};
use chassis::{Caller, Within, problem::Answer};
use identity::scope;

use super::{named, nobody};
use crate::{app::App, client::Client, handlers::client_body::ClientBody};

/// Gives a client no more tokens; those that it has are refused everywhere from now on.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The client's name")),
    responses(
        (status = 200, description = "The client as it is now", body = ClientBody),
        (status = 404, description = "`not_found`"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/clients/{id}/disable")]
pub(crate) async fn disable_client(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    peer: Client,
    id: Path<String>,
) -> Answer<Json<ClientBody>> {
    app.demand_live(&caller).await?;
    let client = app.disable_client(&named(&id)?, Some((caller.user_id(), &peer))).await?;
    client.map(|client| Json(client.into())).ok_or_else(nobody)
}
