//! `GET /auth/sessions`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::{SessionId, scope};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    store::sessions::{self, Whereabouts},
};

/// A living session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    id: SessionId,
    /// When its user signed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last renewed.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// When it ends however often it is renewed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What the software that signed in called itself.
    user_agent: Option<String>,
    /// The network address it was begun from.
    ip: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// One's own living sessions, newest first.
#[utoipa::path(
    tag = "auth",
    params(PageQuery),
    responses((status = 200, description = "A page of sessions", body = Page<SessionBody>)),
    security(("bearer" = ["account"])),
)]
#[get("/sessions")]
pub(crate) async fn list_sessions(
    caller: Caller<scope::Account>,
    app: Data<App>,
    query: Query<PageQuery>,
) -> Answer<Json<Page<SessionBody>>> {
    app.demand_live(&caller).await?;
    let alive = (app.now(), app.policy.limits.idle);
    let mut connection = app.database.read().await?;
    let (after, limit) = (query.after_id()?, query.limit()?);
    let page = sessions::page_of_living(&mut connection, caller.user_id(), alive, after, limit).await?;
    let current = caller.session_id();
    Ok(Json(page.map(|Whereabouts { session, user_agent, address }| SessionBody {
        id: session.id,
        created_at: session.created_at,
        last_used_at: session.rotated_at,
        expires_at: session.expires_at,
        user_agent,
        ip: address,
        current: session.id == current,
    })))
}
