//! `POST /oauth2/introspect` (RFC 7662)

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    post,
    web::{Bytes, Data},
};
use identity::{Claims, Scopes, SessionId, UserId, scope};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{OAuthError, OAuthErrorBody},
    parameters::Parameters,
    presented::{Presented, PresentedToken},
};
use crate::{
    app::App,
    client::Client,
    domain::{registered_client::FIRST_PARTY, session::Session, user::User},
};

/// What is known of a token (RFC 7662 §2.2).
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Introspection {
    /// It is in force, and this is what it says.
    Access(ActiveAccess),
    /// It is in force, and renews this session.
    Refresh(ActiveRefresh),
    /// It is not in force; why is not told.
    Inactive(Inactive),
}

/// All claims of an access token that is in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActiveAccess {
    /// `true`
    active: bool,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    claims: Claims,
}

/// The session that a refresh token renews.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActiveRefresh {
    /// `true`
    active: bool,
    iss: String,
    client_id: &'static str,
    sub: UserId,
    sid: SessionId,
    /// When it lapses unless it is renewed.
    exp: i64,
    /// When it was issued.
    iat: i64,
    auth_time: i64,
    /// Of the next access token.
    #[schema(value_type = String)]
    scope: Scopes,
}

/// A token that is not in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inactive {
    /// `false`
    active: bool,
}

/// Whether a token is in force at this moment, and what it says.
///
/// For services that cannot verify tokens themselves, and for those that must know of a revocation at once: the
/// answer is up to date at every replica. Only clients with the scope `introspection` may ask, about any token of
/// this issuer.
#[utoipa::path(
    tag = "oauth",
    request_body(content = PresentedToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What is known", body = Introspection),
        (status = 400, description = "`invalid_request` or `unauthorized_client`", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`", body = OAuthErrorBody),
        (status = 429, description = "`rate_limited`, with `Retry-After`: after many that failed"),
    ),
    security(("client" = [])),
)]
#[post("/introspect")]
pub(crate) async fn introspect(
    app: Data<App>,
    request: HttpRequest,
    peer: Client,
    body: Bytes,
) -> Result<HttpResponse, OAuthError> {
    let parameters = Parameters::parse(&request, &body)?;
    let client = app.authenticate_client(&request, &parameters, &peer).await?;
    if !client.rights.scopes.grants::<scope::Introspection>() {
        return Err(OAuthError::UnauthorizedClient("the client lacks the scope for this"));
    }
    let known = match app.presented(&request, &parameters).await? {
        Some(Presented::Access(token)) => Introspection::Access(ActiveAccess {
            active: true,
            token_type: "Bearer",
            claims: token.claims().clone(),
        }),
        Some(Presented::Refresh(token, session, user)) if token.generation == session.generation => {
            Introspection::Refresh(app.active(&session, &user))
        }
        _ => Introspection::Inactive(Inactive { active: false }),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(known))
}

impl App {
    fn active(&self, session: &Session, user: &User) -> ActiveRefresh {
        ActiveRefresh {
            active: true,
            iss: self.policy.issuer.as_str().to_owned(),
            client_id: FIRST_PARTY,
            sub: user.id,
            sid: session.id,
            exp: session.ends_unless_renewed(self.policy.limits.idle).as_second(),
            iat: session.rotated_at.as_second(),
            auth_time: session.created_at.as_second(),
            scope: user.roles.scopes(),
        }
    }
}
