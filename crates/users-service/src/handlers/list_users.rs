//! `GET /users`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller, Within,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::scope;

use super::ProfileBody;
use crate::store::Profiles;

/// Everybody's profiles, newest account first.
#[utoipa::path(
    tag = "users",
    params(PageQuery),
    responses((status = 200, description = "A page of profiles", body = Page<ProfileBody>)),
    security(("bearer" = ["users"])),
)]
#[get("")]
pub(crate) async fn list_users(
    _: Caller<Within<15, scope::Users>>,
    profiles: Data<Profiles>,
    query: Query<PageQuery>,
) -> Answer<Json<Page<ProfileBody>>> {
    let page = profiles.page(query.after_id()?, query.limit()?).await?;
    Ok(Json(page.map(ProfileBody::from)))
}
