//! `GET /auth/admin/keys`

use actix_web::{
    get,
    web::{Data, Json},
};
use chassis::{Caller, page::Page, problem::Answer};
use identity::scope;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::App, domain::key_cycle::Key, store::keys};

/// A signing key, without anything that could sign.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub(crate) struct KeyBody {
    /// Its name in token headers: the RFC 7638 thumbprint.
    kid: String,
    /// `next`, `active`, `retiring`, `gone` or `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it came into its state.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it becomes active, or is gone, by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    changes_at: Option<Timestamp>,
}

/// The newest signing keys. There are never so many that a second page is needed.
#[utoipa::path(
    tag = "administration",
    responses((status = 200, description = "The keys", body = Page<KeyBody>)),
    security(("bearer" = ["admin"])),
)]
#[get("/admin/keys")]
pub(crate) async fn list_keys(caller: Caller<scope::Admin>, app: Data<App>) -> Answer<Json<Page<KeyBody>>> {
    app.demand_live(&caller).await?;
    Ok(Json(page(&app).await?))
}

/// The keys as they are now.
pub(super) async fn page(app: &App) -> Answer<Page<KeyBody>> {
    let keys = keys::newest(&mut app.database.read().await?).await?;
    Ok(Page { items: keys.into_iter().map(|key| key.life.into()).collect(), next: None })
}

impl From<Key> for KeyBody {
    fn from(key: Key) -> Self {
        let Key { kid, state, created_at, since, changes_at } = key;
        Self { kid, state: state.as_str(), created_at, since, changes_at }
    }
}
