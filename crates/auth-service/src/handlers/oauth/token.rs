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
    exchange::{ACCESS_TOKEN, TOKEN_EXCHANGE},
    parameters::Parameters,
};
use crate::{app::App, client::Client, domain::registered_client::RegisteredClient, grant::ClientGrant};

/// A token request (RFC 6749 §4.4.2, RFC 8693 §2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Parameters` reads it")]
pub(crate) struct TokenRequest {
    /// `client_credentials`, or `urn:ietf:params:oauth:grant-type:token-exchange` to act for a user.
    grant_type: String,
    /// Space-separated; all that the client, or the user's token, may have when it is left out.
    scope: Option<String>,
    /// Of an exchange: the user's access token, which must be meant for the service that the client is.
    subject_token: Option<String>,
    /// Of an exchange: `urn:ietf:params:oauth:token-type:access_token`.
    subject_token_type: Option<String>,
    /// The one service that the token shall be meant for: needed in an exchange; else all those of the client by default.
    audience: Option<String>,
    /// Of an exchange, and not needed: `urn:ietf:params:oauth:token-type:access_token`.
    requested_token_type: Option<String>,
}

/// A granted token (RFC 6749 §5.1, RFC 8693 §2.2.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientToken {
    access_token: String,
    /// Of an exchange: `urn:ietf:params:oauth:token-type:access_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
    /// What was granted.
    scope: String,
}

/// An access token for software that acts for itself, or for a user.
///
/// To act for a user at another service, a service exchanges the token with which the user came to it (RFC 8693), if it
/// is registered to. The new one is meant for that service alone, allows no more than the old one, carries no roles,
/// names the client in `act` and lives for up to a minute. It ends with the user's session; it cannot be exchanged
/// again.
#[utoipa::path(
    tag = "oauth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token", body = ClientToken),
        (status = 400, description = "`invalid_request`, `unsupported_grant_type`, `invalid_scope`, `unauthorized_client` or `invalid_target`", body = OAuthErrorBody),
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
    let granted = match parameters.get("grant_type") {
        Some("client_credentials") => ClientToken::of(app.credentials(&parameters, &client)?, None),
        Some(TOKEN_EXCHANGE) => {
            ClientToken::of(app.exchange(&request, &parameters, &client).await?, Some(ACCESS_TOKEN))
        }
        Some(_) => return Err(OAuthError::UnsupportedGrantType),
        None => return Err(OAuthError::InvalidRequest("grant_type is missing")),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(granted))
}

impl App {
    fn credentials(
        &self,
        parameters: &Parameters,
        client: &RegisteredClient,
    ) -> Result<ClientGrant, OAuthError> {
        let scopes = client.grants(parameters.get("scope"));
        let scopes = scopes.ok_or(OAuthError::InvalidScope("the client may not have this scope"))?;
        let audiences = client.audiences(parameters.get("audience"));
        let audiences =
            audiences.ok_or(OAuthError::InvalidTarget("the client has nothing to do with this audience"))?;
        self.grant_client(client, audiences, scopes, self.now()).map_err(OAuthError::Failed)
    }
}

impl ClientToken {
    fn of(grant: ClientGrant, issued_token_type: Option<&'static str>) -> Self {
        let ClientGrant { access_token, expires_in, scope } = grant;
        let (expires_in, scope) = (expires_in.as_secs(), scope.as_str().to_owned());
        Self { access_token, issued_token_type, token_type: "Bearer", expires_in, scope }
    }
}
