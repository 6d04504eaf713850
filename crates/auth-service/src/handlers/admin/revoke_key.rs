//! `POST /auth/admin/keys/{kid}/revoke`

use actix_web::{
    post,
    web::{Data, Json, Path},
};
use chassis::{Caller, Within, page::Page, problem::Answer};
use identity::scope;

use super::list_keys::{self, KeyBody};
use crate::{app::App, client::Client};

/// For a key that others may have: has everything refused that it ever signed, everywhere within a second. If it is the
/// one that signs, the next one takes its place at once.
#[utoipa::path(
    tag = "administration",
    params(("kid" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "The keys as they are now", body = Page<KeyBody>),
        (status = 404, description = "`not_found`"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/keys/{kid}/revoke")]
pub(crate) async fn revoke_key(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    kid: Path<String>,
) -> Answer<Json<Page<KeyBody>>> {
    app.demand_live(&caller).await?;
    app.revoke_key(&kid, Some((caller.user_id(), &client))).await?;
    Ok(Json(list_keys::page(&app).await?))
}
