//! `POST /auth/logout`

use actix_web::{HttpResponse, post, web::Data};
use chassis::problem::Answer;
use identity::scope;
use verifier::{
    Reason, Revoked,
    access::{Caller, Refusal},
};

use super::token_answer::without_cookie;
use crate::{
    app::App,
    client::Client,
    store::{
        audit::{Action, Deed},
        sessions,
    },
};

/// Ends the session that the access token belongs to.
///
/// The refresh cookie does not come along (its path is `/auth/refresh`) and is not needed: the token names the
/// session. Logging out of a session that has ended already succeeds too.
#[utoipa::path(
    tag = "auth",
    responses((status = 204, description = "Logged out; the refresh cookie is taken back")),
    security(("bearer" = ["account"])),
)]
#[post("/logout")]
pub(crate) async fn logout(
    caller: Result<Caller<scope::Account>, Refusal>,
    app: Data<App>,
    client: Client,
) -> Answer<HttpResponse> {
    let caller = match caller {
        // What it would end is over.
        Err(refusal) if refusal.reason() == Some(Reason::Revoked) => return Ok(without_cookie(&app)),
        caller => caller?,
    };
    let (user, session) = (caller.user_id(), caller.session_id());
    let mut transaction = app.database.begin().await?;
    let mut revoked = Vec::new();
    if sessions::end(&mut transaction, session, user, app.now()).await? {
        app.record(&mut transaction, Deed::own(Action::LoggedOut, user, Some(session)), &client).await?;
        revoked.push(Revoked::Session(session));
    }
    app.commit_revoking(transaction, revoked).await?;
    Ok(without_cookie(&app))
}
