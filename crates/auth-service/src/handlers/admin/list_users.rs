//! `GET /auth/admin/users`

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
use serde::Deserialize;

use crate::{app::App, handlers::user_body::UserBody, store::users};

/// Which users.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsersQuery {
    /// Only those whose e-mail address contains this.
    #[param(max_length = 254)]
    email: Option<String>,
    /// The `next` of the page before; left out for the first page.
    after: Option<String>,
    /// How many at most, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// All accounts, newest first.
#[utoipa::path(
    operation_id = "list_accounts",
    tag = "administration",
    params(UsersQuery),
    responses((status = 200, description = "A page of users", body = Page<UserBody>)),
    security(("bearer" = ["admin"])),
)]
#[get("/admin/users")]
pub(crate) async fn list_users(
    caller: Caller<scope::Admin>,
    app: Data<App>,
    query: Query<UsersQuery>,
) -> Answer<Json<Page<UserBody>>> {
    app.demand_live(&caller).await?;
    let UsersQuery { email, after, limit } = query.into_inner();
    let page = PageQuery::new(after, limit);
    let mut connection = app.database.read().await?;
    let page = users::page(&mut connection, email.as_deref(), page.after_id()?, page.limit()?).await?;
    Ok(Json(page.map(UserBody::from)))
}
