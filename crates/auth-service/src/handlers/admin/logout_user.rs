//! `POST /auth/admin/users/{id}/logout`

use actix_web::{
    HttpResponse, post,
    web::{Data, Path},
};
use chassis::{
    Caller, Within,
    problem::{Answer, Problem, codes},
};
use identity::{UserId, scope};

use crate::{app::App, client::Client};

/// Ends every session of a user. Their tokens are refused everywhere from now on; they may sign in again.
#[utoipa::path(
    tag = "administration",
    params(("id" = UserId, Path, description = "The user")),
    responses((status = 204, description = "Logged out everywhere"), (status = 404, description = "`not_found`")),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/users/{id}/logout")]
pub(crate) async fn logout_user(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    id: Path<UserId>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let found = app.log_out_user(*id, Some((caller.user_id(), &client))).await?;
    found.then(|| HttpResponse::NoContent().finish()).ok_or_else(|| Problem::new(&codes::NOT_FOUND))
}
