//! `POST /auth/logout-all`

use actix_web::{HttpResponse, post, web::Data};
use chassis::{Caller, problem::Answer};
use identity::scope;

use super::token_answer::without_cookie;
use crate::{
    app::App,
    client::Client,
    revocation::of_sessions,
    store::{
        audit::{Action, Deed},
        sessions, users,
    },
};

/// Ends every session of the user, this one included.
#[utoipa::path(
    tag = "auth",
    responses((status = 204, description = "Logged out everywhere; the refresh cookie is taken back")),
    security(("bearer" = ["account"])),
)]
#[post("/logout-all")]
pub(crate) async fn logout_all(
    caller: Caller<scope::Account>,
    app: Data<App>,
    client: Client,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let user = caller.user_id();
    let mut transaction = app.database.begin().await?;
    users::lock(&mut transaction, user).await?;
    let ended = sessions::end_all(&mut transaction, user, None, (app.now(), app.last_renewals())).await?;
    let deed = Deed::own(Action::LoggedOutEverywhere, user, Some(caller.session_id()));
    app.record(&mut transaction, deed, &client).await?;
    app.commit_revoking(transaction, of_sessions(ended)).await?;
    Ok(without_cookie(&app))
}
