//! `DELETE /auth/sessions/{id}`

use actix_web::{
    HttpResponse, delete,
    web::{Data, Path},
};
use chassis::{
    Caller,
    problem::{Answer, Problem, codes},
};
use identity::{SessionId, scope};
use verifier::Revoked;

use crate::{
    app::App,
    client::Client,
    store::{
        audit::{Action, Deed},
        sessions,
    },
};

/// Ends one of one's own sessions.
#[utoipa::path(
    tag = "auth",
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "`not_found`: no living session of the caller"),
    ),
    security(("bearer" = ["account"])),
)]
#[delete("/sessions/{id}")]
pub(crate) async fn end_session(
    caller: Caller<scope::Account>,
    app: Data<App>,
    client: Client,
    id: Path<SessionId>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let mut transaction = app.database.begin().await?;
    if !sessions::end(&mut transaction, *id, caller.user_id(), app.now()).await? {
        return Err(Problem::new(&codes::NOT_FOUND));
    }
    let deed = Deed::own(Action::SessionEnded, caller.user_id(), Some(*id));
    app.record(&mut transaction, deed, &client).await?;
    app.commit_revoking(transaction, vec![Revoked::Session(*id)]).await?;
    Ok(HttpResponse::NoContent().finish())
}
