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

use crate::{app::App, store::keys};

/// A signing key, without anything that could sign.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub(crate) struct KeyBody {
    /// Its name in token headers: the RFC 7638 thumbprint.
    kid: String,
    /// `next`, `active`, `retiring` or `gone`.
    #[schema(example = "active")]
    state: String,
    /// Whether the private half is still there.
    can_sign: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
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
    let keys = keys::newest(&mut app.database.read().await?).await?;
    let items = keys.into_iter().map(|key| KeyBody {
        can_sign: key.sealed_private.is_some(),
        kid: key.public.kid,
        state: key.state,
        created_at: key.created_at,
    });
    Ok(Json(Page { items: items.collect(), next: None }))
}
