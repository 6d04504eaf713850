//! `GET /providers/me/offerings`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller,
    database::Database,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::scope;

use super::OfferingBody;
use crate::store::offerings;

/// One's own offerings, also those that cannot be booked at present, oldest first.
#[utoipa::path(
    tag = "providers",
    params(PageQuery),
    responses((status = 200, description = "A page of offerings", body = Page<OfferingBody>)),
    security(("bearer" = ["schedule"])),
)]
#[get("/me/offerings")]
pub(crate) async fn list_own_offerings(
    caller: Caller<scope::Schedule>,
    database: Data<Database>,
    query: Query<PageQuery>,
) -> Answer<Json<Page<OfferingBody>>> {
    let (after, limit) = (query.after_id()?, query.limit()?);
    let page = offerings::page(&database, caller.user_id(), true, after, limit).await?;
    Ok(Json(page.map(OfferingBody::from)))
}
