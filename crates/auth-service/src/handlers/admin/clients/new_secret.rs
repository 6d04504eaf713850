//! `POST /auth/admin/clients/{id}/secret`

use actix_web::{
    HttpResponse, post,
    web::{Data, Path},
};
use chassis::{Caller, Within, problem::Answer};
use identity::scope;

use super::{named, nobody};
use crate::{app::App, client::Client, handlers::client_body::ClientSecret};

/// Gives a client another secret, which is shown this once; the old one, or its key, is void. Tokens that it has stay
/// good: to end them too, disable it and enable it again.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The client's name")),
    responses(
        (status = 200, description = "The secret", body = ClientSecret),
        (status = 404, description = "`not_found`"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/clients/{id}/secret")]
pub(crate) async fn new_client_secret(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    peer: Client,
    id: Path<String>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let id = named(&id)?;
    let secret = app.change_client_secret(&id, Some((caller.user_id(), &peer))).await?.ok_or_else(nobody)?;
    Ok(ClientSecret::answer(&id, Some(&secret), HttpResponse::Ok()))
}
