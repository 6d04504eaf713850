//! `POST /auth/admin/tokens/revoke`

use actix_web::{HttpResponse, post, web::Data};
use chassis::{
    Caller, Within,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::scope;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{app::App, client::Client, domain::token_id::token_id};

/// Which token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeToken {
    /// Its name, as it says itself; whoever has the token itself sends it to `/oauth2/revoke`.
    #[schema(min_length = 22, max_length = 22)]
    jti: String,
}

/// Ends one access token, known by its name. It is refused everywhere from now on.
///
/// Tokens are not stored, so whether there is one of this name nobody knows.
#[utoipa::path(
    tag = "administration",
    request_body = RevokeToken,
    responses(
        (status = 204, description = "Refused from now on"),
        (status = 422, description = "`validation_failed`: no token has such a name"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/tokens/revoke")]
pub(crate) async fn revoke_token(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    client: Client,
    Body(body): Body<RevokeToken>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let id = token_id(&body.jti)
        .map_err(|error| Problem::new(&codes::VALIDATION_FAILED).detail(error.to_string()))?;
    app.revoke_token(id, Some((caller.user_id(), &client))).await?;
    Ok(HttpResponse::NoContent().finish())
}
