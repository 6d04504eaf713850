//! `GET /users/{id}`

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use chassis::{
    Caller,
    problem::{Answer, Problem, codes},
};
use identity::{UserId, scope};

use super::ProfileBody;
use crate::store::Profiles;

/// Somebody's profile.
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "The profile", body = ProfileBody),
        (status = 404, description = "`not_found`: this user was never seen here"),
    ),
    security(("bearer" = ["users"])),
)]
#[get("/{id}")]
pub(crate) async fn read_user(
    _: Caller<scope::Users>,
    profiles: Data<Profiles>,
    id: Path<UserId>,
) -> Answer<Json<ProfileBody>> {
    let profile = profiles.find(id.into_inner()).await?;
    Ok(Json(profile.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.into()))
}
