//! `PUT /auth/admin/users/{id}/roles`

use actix_web::{
    put,
    web::{Data, Json, Path},
};
use chassis::{
    Caller, Within,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{Role, Roles, UserId, scope};
use serde::Deserialize;
use utoipa::ToSchema;
use verifier::Revoked;

use crate::{
    app::App,
    client::Client,
    handlers::user_body::UserBody,
    problems,
    store::{
        audit::{Action, Deed},
        users,
    },
};

/// All roles the user shall have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetRoles {
    roles: Roles,
}

/// Replaces the roles of a user.
///
/// Their access tokens name the old roles and are refused everywhere from now on; refreshing gives them tokens with the
/// new ones.
#[utoipa::path(
    tag = "administration",
    params(("id" = UserId, Path, description = "The user")),
    request_body = SetRoles,
    responses(
        (status = 200, description = "The user as they are now", body = UserBody),
        (status = 404, description = "`not_found`"),
        (status = 409, description = "`last_admin`: nobody else could administer"),
        (status = 422, description = "`validation_failed`: a user has at least one role"),
    ),
    security(("bearer" = ["admin"])),
)]
#[put("/admin/users/{id}/roles")]
pub(crate) async fn set_roles(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    id: Path<UserId>,
    Body(body): Body<SetRoles>,
) -> Answer<Json<UserBody>> {
    app.demand_live(&caller).await?;
    let (id, roles) = (id.into_inner(), body.roles);
    if roles.is_empty() {
        return Err(Problem::new(&codes::VALIDATION_FAILED).detail("`roles` must name at least one role"));
    }
    let mut transaction = app.database.begin().await?;
    let admins = users::lock_active_admins(&mut transaction).await?;
    let account = users::lock(&mut transaction, id).await?;
    let mut user = account.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.user;
    if admins == [id] && !roles.contains(Role::Admin) {
        return Err(Problem::new(&problems::LAST_ADMIN));
    }
    let mut revoked = Vec::new();
    if user.roles != roles {
        let least_version = users::set_roles(&mut transaction, id, &roles).await?;
        revoked.push(Revoked::Subject { subject: id, least_version });
        let deed = Deed::new(Action::RolesChanged).by(caller.user_id()).to(Some(id));
        app.record(&mut transaction, deed, &client).await?;
        user.roles = roles;
    }
    app.commit_revoking(transaction, revoked).await?;
    Ok(Json(user.into()))
}
