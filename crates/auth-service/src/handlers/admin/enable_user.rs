//! `POST /auth/admin/users/{id}/enable`

use actix_web::{
    post,
    web::{Data, Json, Path},
};
use chassis::{
    Caller, Within,
    problem::{Answer, Problem, codes},
};
use identity::{UserId, scope};

use crate::{
    app::App,
    client::Client,
    handlers::user_body::UserBody,
    store::{
        audit::{Action, Deed},
        users,
    },
};

/// Lets a disabled user sign in again. Sessions that were ended stay ended.
#[utoipa::path(
    tag = "administration",
    params(("id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "The user as they are now", body = UserBody),
        (status = 404, description = "`not_found`"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/users/{id}/enable")]
pub(crate) async fn enable_user(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    id: Path<UserId>,
) -> Answer<Json<UserBody>> {
    app.demand_live(&caller).await?;
    let id = id.into_inner();
    let mut transaction = app.database.begin().await?;
    let account = users::lock(&mut transaction, id).await?;
    let mut user = account.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.user;
    if !user.is_enabled() {
        users::enable(&mut transaction, id).await?;
        let deed = Deed::new(Action::UserEnabled).by(caller.user_id()).to(Some(id));
        app.record(&mut transaction, deed, &client).await?;
        user.disabled_at = None;
    }
    transaction.commit().await?;
    Ok(Json(user.into()))
}
