//! `GET /providers/{id}/offerings`

use actix_web::{
    get,
    web::{Data, Json, Path, Query},
};
use chassis::{
    database::Database,
    page::{Page, PageQuery},
    problem::{Answer, Problem, codes},
};
use identity::UserId;

use super::OfferingBody;
use crate::store::{offerings, providers};

/// What a provider offers at present, oldest first.
#[utoipa::path(
    tag = "providers",
    params(("id" = UserId, Path, description = "The provider"), PageQuery),
    responses(
        (status = 200, description = "A page of offerings", body = Page<OfferingBody>),
        (status = 404, description = "`not_found`: there is no such provider"),
    ),
)]
#[get("/{id}/offerings")]
pub(crate) async fn list_offerings(
    database: Data<Database>,
    id: Path<UserId>,
    query: Query<PageQuery>,
) -> Answer<Json<Page<OfferingBody>>> {
    let (after, limit) = (query.after_id()?, query.limit()?);
    let provider = providers::find(&mut database.read().await?, *id).await?;
    let provider = provider.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?;
    let page = offerings::page(&database, provider.id, false, after, limit).await?;
    Ok(Json(page.map(OfferingBody::from)))
}
