//! How tokens reach their client: the access token in the body, the refresh token in a cookie that scripts
//! cannot read, or in the body for clients that keep no cookies.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time},
    dev::Payload,
    http::{StatusCode, header},
};
use chassis::problem::{Answer, Problem, codes};
use secrecy::ExposeSecret;
use serde::Serialize;
use std::future::{Ready, ready};
use utoipa::ToSchema;

use super::user_body::OwnUser;
use crate::{app::App, domain::origin::Provenance, grant::Grant, problems};

/// The refresh cookie's name.
pub(super) const COOKIE: &str = "refresh_token";
/// The only path that browsers send it to.
const COOKIE_PATH: &str = "/auth/refresh";

/// Where the refresh token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// In an `HttpOnly` cookie, for browsers.
    Cookie,
    /// In the body, for clients that ask for it with `X-Refresh-Transport: body`.
    Body,
}

/// Tokens, and whom they speak for.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer {
    /// Sent as `Authorization: Bearer …` to every service.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds for which the access token is accepted.
    #[schema(example = 590)]
    expires_in: u64,
    /// Seconds after which to refresh, while the access token still serves.
    #[schema(example = 472)]
    refresh_after: u64,
    user: OwnUser,
    /// Only with `X-Refresh-Transport: body`; otherwise it is in the cookie `refresh_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl FromRequest for Transport {
    type Error = Problem;
    type Future = Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.headers().get("x-refresh-transport").map(header::HeaderValue::as_bytes);
        ready(match asked {
            None | Some(b"cookie") => Ok(Self::Cookie),
            Some(b"body") => Ok(Self::Body),
            Some(_) => {
                Err(Problem::new(&codes::INVALID_REQUEST)
                    .detail("`X-Refresh-Transport` is `cookie` or `body`"))
            }
        })
    }
}

impl Transport {
    /// A cookie is given to and taken from our own pages only.
    pub(super) fn check_origin(self, app: &App, request: &HttpRequest) -> Answer<()> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let provenance = Provenance { site: text("sec-fetch-site"), origin: text("origin") };
        match self {
            Self::Body => Ok(()),
            Self::Cookie => {
                app.origins.check(provenance).map_err(|_| Problem::new(&problems::FOREIGN_ORIGIN))
            }
        }
    }

    /// The answer that carries `grant`.
    pub(super) fn answer(self, status: StatusCode, grant: Grant, app: &App) -> HttpResponse {
        let refresh_token = grant.refresh_token.expose_secret().to_owned();
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        let in_body = match self {
            Self::Body => Some(refresh_token),
            Self::Cookie => {
                let age = i64::try_from(grant.refresh_expires_in.as_secs()).unwrap_or(i64::MAX);
                response.cookie(cookie(app, refresh_token, time::Duration::seconds(age)));
                None
            }
        };
        response.json(TokenAnswer {
            access_token: grant.access_token,
            token_type: "Bearer",
            expires_in: grant.expires_in.as_secs(),
            refresh_after: grant.refresh_after.as_secs(),
            user: grant.user.into(),
            refresh_token: in_body,
        })
    }
}

/// `204 No Content`, with the refresh cookie taken back.
pub(super) fn without_cookie(app: &App) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.cookie(cookie(app, String::new(), time::Duration::ZERO));
    response.finish()
}

fn cookie(app: &App, value: String, age: time::Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path(COOKIE_PATH)
        .http_only(true)
        .secure(app.policy.issuer.has_secure_cookies())
        .same_site(SameSite::Strict)
        .max_age(age)
        .finish()
}
