//! `POST /auth/admin/keys/rotate`

use actix_web::{
    post,
    web::{Data, Json},
};
use chassis::{Caller, Within, page::Page, problem::Answer};
use identity::scope;

use super::list_keys::{self, KeyBody};
use crate::{app::App, client::Client};

/// Has another key sign as soon as every verifier can know it: at once, if one was published long enough ago. Asking
/// again before the new key has settled changes nothing.
#[utoipa::path(
    tag = "administration",
    responses((status = 200, description = "The keys; the next one says when it takes over", body = Page<KeyBody>)),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/keys/rotate")]
pub(crate) async fn rotate_keys(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
) -> Answer<Json<Page<KeyBody>>> {
    app.demand_live(&caller).await?;
    app.rotate_keys(Some((caller.user_id(), &client))).await?;
    Ok(Json(list_keys::page(&app).await?))
}
