//! `POST /auth/logout`

use actix_web::{HttpResponse, post, web::Data};
use chassis::{Caller, problem::Answer};
use identity::scope;
use verifier::Revoked;

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
    caller: Caller<scope::Account>,
    app: Data<App>,
    client: Client,
) -> Answer<HttpResponse> {
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
