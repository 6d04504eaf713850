//! `GET /providers`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    database::Database,
    page::{Page, PageQuery},
    problem::Answer,
};

use super::ProviderBody;
use crate::store::providers;

/// Everybody who offers time, oldest account first.
#[utoipa::path(
    tag = "providers",
    params(PageQuery),
    responses((status = 200, description = "A page of providers", body = Page<ProviderBody>)),
)]
#[get("")]
pub(crate) async fn list_providers(
    database: Data<Database>,
    query: Query<PageQuery>,
) -> Answer<Json<Page<ProviderBody>>> {
    let page = providers::page(&database, query.after_id()?, query.limit()?).await?;
    Ok(Json(page.map(ProviderBody::from)))
}
