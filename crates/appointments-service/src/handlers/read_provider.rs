//! `GET /providers/{id}`

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use chassis::{
    database::Database,
    problem::{Answer, Problem, codes},
};
use identity::UserId;

use super::ProviderBody;
use crate::store::providers;

/// One provider.
#[utoipa::path(
    tag = "providers",
    params(("id" = UserId, Path, description = "The provider")),
    responses(
        (status = 200, description = "The provider", body = ProviderBody),
        (status = 404, description = "`not_found`"),
    ),
)]
#[get("/{id}")]
pub(crate) async fn read_provider(database: Data<Database>, id: Path<UserId>) -> Answer<Json<ProviderBody>> {
    let provider = providers::find(&mut database.read().await?, *id).await?;
    Ok(Json(provider.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?.into()))
}
