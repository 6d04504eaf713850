//! `POST /oauth2/token`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    post,
    web::{Bytes, Data},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{OAuthError, OAuthErrorBody},
    parameters::Parameters,
};
use crate::{app::App, client::Client};

/// A token request (RFC 6749 §4.4.2).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Parameters` reads it")]
pub(crate) struct TokenRequest {
    /// `client_credentials`
    grant_type: String,
    /// Space-separated; all that the client may have when it is left out.
    scope: Option<String>,
}

/// A granted token (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientToken {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
    /// What was granted.
    scope: String,
}

/// An access token for software that acts for itself.
#[utoipa::path(
    tag = "oauth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token", body = ClientToken),
        (status = 400, description = "`invalid_request`, `unsupported_grant_type` or `invalid_scope`", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`", body = OAuthErrorBody),
        (status = 429, description = "`rate_limited`, with `Retry-After`: after many that failed"),
    ),
    security(("client" = [])),
)]
#[post("/token")]
pub(crate) async fn token(
    app: Data<App>,
    request: HttpRequest,
    peer: Client,
    body: Bytes,
) -> Result<HttpResponse, OAuthError> {
    let parameters = Parameters::parse(&request, &body)?;
    let client = app.authenticate_client(&request, &parameters, &peer).await?;
    match parameters.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(OAuthError::UnsupportedGrantType),
        None => return Err(OAuthError::InvalidRequest("grant_type is missing")),
    }
    let scopes = client.grants(parameters.get("scope")).ok_or(OAuthError::InvalidScope)?;
    let scope = scopes.as_str().to_owned();
    let (access_token, expires_in) =
        app.grant_client(&client, scopes, app.now()).map_err(OAuthError::Failed)?;
    let token = ClientToken { access_token, token_type: "Bearer", expires_in: expires_in.as_secs(), scope };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(token))
}
