//! `POST /auth/admin/sessions/{id}/revoke`

use actix_web::{
    HttpResponse, post,
    web::{Data, Path},
};
use chassis::{
    Caller, Within,
    problem::{Answer, Problem, codes},
};
use identity::{SessionId, scope};

use crate::{app::App, client::Client};

/// Ends a session, whoever's it is. Its tokens are refused everywhere from now on.
#[utoipa::path(
    tag = "administration",
    params(("id" = SessionId, Path, description = "The session, the `sid` of its tokens")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "`not_found`: no session that has not ended"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/sessions/{id}/revoke")]
pub(crate) async fn revoke_session(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    id: Path<SessionId>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let ended = app.end_session_of_anybody(*id, Some((caller.user_id(), &client))).await?;
    ended.then(|| HttpResponse::NoContent().finish()).ok_or_else(|| Problem::new(&codes::NOT_FOUND))
}
