//! `GET /auth/admin/audit`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::{UserId, scope};
use serde::Deserialize;

use crate::{
    app::App,
    store::audit::{self, Entry},
};

/// Which deeds.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only what this user did or suffered.
    user: Option<UserId>,
    /// The `next` of the page before; left out for the first page.
    after: Option<String>,
    /// How many at most, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Who did what to whom, newest first.
#[utoipa::path(
    tag = "administration",
    params(AuditQuery),
    responses((status = 200, description = "A page of deeds", body = Page<Entry>)),
    security(("bearer" = ["admin"])),
)]
#[get("/admin/audit")]
pub(crate) async fn list_audit(
    caller: Caller<scope::Admin>,
    app: Data<App>,
    query: Query<AuditQuery>,
) -> Answer<Json<Page<Entry>>> {
    app.demand_live(&caller).await?;
    let AuditQuery { user, after, limit } = query.into_inner();
    let page = PageQuery::new(after, limit);
    let mut connection = app.database.read().await?;
    Ok(Json(audit::page(&mut connection, user, page.after_id()?, page.limit()?).await?))
}
