//! `POST /auth/admin/users/{id}/disable`

use actix_web::{
    post,
    web::{Data, Json, Path},
};
use chassis::{
    Caller, Within,
    problem::{Answer, Problem, codes},
};
use identity::{UserId, scope};
use verifier::Revoked;

use crate::{
    app::App,
    client::Client,
    handlers::user_body::UserBody,
    problems,
    store::{
        audit::{Action, Deed},
        sessions, users,
    },
};

/// Keeps a user out: ends all their sessions and lets them begin no new one.
#[utoipa::path(
    tag = "administration",
    params(("id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "The user as they are now", body = UserBody),
        (status = 404, description = "`not_found`"),
        (status = 409, description = "`last_admin`: nobody else could administer"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/users/{id}/disable")]
pub(crate) async fn disable_user(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    id: Path<UserId>,
) -> Answer<Json<UserBody>> {
    app.demand_live(&caller).await?;
    let (id, now) = (id.into_inner(), app.now());
    let mut transaction = app.database.begin().await?;
    let admins = users::lock_active_admins(&mut transaction).await?;
    let account = users::lock(&mut transaction, id).await?;
    let mut user = account.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.user;
    if admins == [id] {
        return Err(Problem::new(&problems::LAST_ADMIN));
    }
    let mut revoked = Vec::new();
    if user.is_enabled() {
        let least_version = users::disable(&mut transaction, id, now).await?;
        revoked.push(Revoked::Subject { subject: id, least_version });
        // Their tokens end with the version.
        sessions::end_all(&mut transaction, id, None, (now, now)).await?;
        let deed = Deed::new(Action::UserDisabled).by(caller.user_id()).to(Some(id));
        app.record(&mut transaction, deed, &client).await?;
        user.disabled_at = Some(now);
    }
    app.commit_revoking(transaction, revoked).await?;
    Ok(Json(user.into()))
}
