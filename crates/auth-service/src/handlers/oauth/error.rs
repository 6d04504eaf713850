//! Refusals in the form of RFC 6749 §5.2.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use chassis::{database, problem::Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request is not granted.
#[derive(Debug)]
pub(crate) enum OAuthError {
    /// Its form is wrong; says how.
    InvalidRequest(&'static str),
    /// It does not come from a client that is known and may still ask. Never says more.
    InvalidClient,
    /// The token is another client's.
    InvalidGrant,
    /// The client may not ask for this at all; says why.
    UnauthorizedClient(&'static str),
    /// That kind of grant is not there.
    UnsupportedGrantType,
    /// It may not have what it asks for; says why.
    InvalidScope(&'static str),
    /// It may not have it for that service (RFC 8693 §2.2.2).
    InvalidTarget(&'static str),
    /// Something failed here, of which RFC 6749 has nothing to say.
    Failed(Problem),
}

/// The body (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct OAuthErrorBody {
    /// One of the codes of the RFC.
    #[schema(example = "invalid_client")]
    error: &'static str,
    /// For the developer.
    error_description: &'static str,
}

impl OAuthError {
    fn body(&self) -> OAuthErrorBody {
        let (error, error_description) = match self {
            Self::InvalidRequest(how) => ("invalid_request", *how),
            Self::InvalidClient => ("invalid_client", "the client is not known by what it shows"),
            Self::InvalidGrant => ("invalid_grant", "the token was issued to another client"),
            Self::UnauthorizedClient(why) => ("unauthorized_client", *why),
            Self::UnsupportedGrantType => {
                ("unsupported_grant_type", "there are client_credentials and token-exchange")
            }
            Self::InvalidScope(why) => ("invalid_scope", *why),
            Self::InvalidTarget(why) => ("invalid_target", *why),
            Self::Failed(_) => ("server_error", "something failed on our side"),
        };
        OAuthErrorBody { error, error_description }
    }
}

impl<E: Into<database::Error>> From<E> for OAuthError {
    fn from(error: E) -> Self {
        Self::Failed(error.into().into())
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(problem) => problem.fmt(f),
            _ => f.write_str(self.body().error),
        }
    }
}

impl ResponseError for OAuthError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::Failed(problem) => problem.status_code(),
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Failed(problem) = self {
            return problem.error_response();
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if matches!(self, Self::InvalidClient) {
            response.insert_header((header::WWW_AUTHENTICATE, r#"Basic realm="oauth2", charset="UTF-8""#));
        }
        response.json(self.body())
    }
}
