//! `GET /users/me`

use actix_web::{
    get,
    web::{Data, Json},
};
use chassis::{Caller, problem::Answer};
use identity::{Clock, scope};

use super::ProfileBody;
use crate::store::Profiles;

/// One's own profile, made by asking for it the first time.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The profile", body = ProfileBody)),
    security(("bearer" = ["profile"])),
)]
#[get("/me")]
pub(crate) async fn read_me(
    caller: Caller<scope::Profile>,
    profiles: Data<Profiles>,
    clock: Data<dyn Clock>,
) -> Answer<Json<ProfileBody>> {
    let profile = profiles.find_or_make(caller.user_id(), clock.now()).await?;
    Ok(Json(profile.into()))
}
