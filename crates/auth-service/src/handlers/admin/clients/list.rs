//! `GET /auth/admin/clients`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::scope;

use crate::{app::App, handlers::client_body::ClientBody, store::clients};

/// All clients, newest first.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    responses((status = 200, description = "A page of clients", body = Page<ClientBody>)),
    security(("bearer" = ["admin"])),
)]
#[get("/admin/clients")]
pub(crate) async fn list_clients(
    caller: Caller<scope::Admin>,
    app: Data<App>,
    page: Query<PageQuery>,
) -> Answer<Json<Page<ClientBody>>> {
    app.demand_live(&caller).await?;
    let mut connection = app.database.read().await?;
    let page = clients::page(&mut connection, page.after_id()?, page.limit()?).await?;
    Ok(Json(page.map(ClientBody::from)))
}
