//! `GET /.well-known/oauth-authorization-server` and `GET /.well-known/openid-configuration`
//!
//! Both say what is true and no more: this issuer signs access tokens that anybody can verify. It has no
//! authorization endpoint, so that list is there and empty; a client that needs one learns so here instead of by
//! failing.

use actix_web::{HttpResponse, get, http::header, web::Data};
use identity::scope;
use serde::Serialize;
use utoipa::ToSchema;
use verifier::Algorithm;

use crate::{app::App, handlers::oauth::TOKEN_EXCHANGE};

/// How clients show who they are, wherever they must.
const AUTH_METHODS: &[&str] = &["client_secret_basic", "private_key_jwt"];
/// What the second may be signed with.
const ALGORITHMS: &[&str] = &[
    Algorithm::Rs256.as_str(),
    Algorithm::Ps256.as_str(),
    Algorithm::Es256.as_str(),
    Algorithm::EdDsa.as_str(),
];

/// Authorization server metadata (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorizationServerMetadata {
    issuer: String,
    jwks_uri: String,
    token_endpoint: String,
    token_endpoint_auth_methods_supported: &'static [&'static str],
    token_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    revocation_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    introspection_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    scopes_supported: &'static [&'static str],
    response_types_supported: &'static [&'static str],
    grant_types_supported: &'static [&'static str],
}

/// Provider metadata (OpenID Connect Discovery 1.0 §3), for libraries that look for keys there.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenIdConfiguration {
    #[serde(flatten)]
    server: AuthorizationServerMetadata,
    subject_types_supported: &'static [&'static str],
    id_token_signing_alg_values_supported: &'static [&'static str],
}

/// What this issuer offers, for OAuth clients and resource servers.
#[utoipa::path(tag = "discovery", responses((status = 200, description = "Metadata", body = AuthorizationServerMetadata)))]
#[get("/oauth-authorization-server")]
pub(crate) async fn authorization_server_metadata(app: Data<App>) -> HttpResponse {
    publish(AuthorizationServerMetadata::of(&app))
}

/// Where the keys are, for libraries that know OpenID Connect. No ID tokens are issued.
#[utoipa::path(tag = "discovery", responses((status = 200, description = "Metadata", body = OpenIdConfiguration)))]
#[get("/openid-configuration")]
pub(crate) async fn openid_configuration(app: Data<App>) -> HttpResponse {
    publish(OpenIdConfiguration {
        server: AuthorizationServerMetadata::of(&app),
        // The same user has the same `sub` in every service.
        subject_types_supported: &["public"],
        id_token_signing_alg_values_supported: &[],
    })
}

impl AuthorizationServerMetadata {
    fn of(app: &App) -> Self {
        let issuer = app.policy.issuer.as_str();
        Self {
            issuer: issuer.to_owned(),
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            token_endpoint: token_endpoint(app),
            token_endpoint_auth_methods_supported: AUTH_METHODS,
            token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            revocation_endpoint: format!("{issuer}/oauth2/revoke"),
            revocation_endpoint_auth_methods_supported: AUTH_METHODS,
            revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            introspection_endpoint: format!("{issuer}/oauth2/introspect"),
            introspection_endpoint_auth_methods_supported: AUTH_METHODS,
            introspection_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            scopes_supported: scope::ALL,
            response_types_supported: &[],
            grant_types_supported: &["client_credentials", TOKEN_EXCHANGE],
        }
    }
}

/// Where clients ask for tokens, which they may also mean by it whom their assertions are for.
pub(super) fn token_endpoint(app: &App) -> String {
    format!("{}/oauth2/token", app.policy.issuer.as_str())
}

fn publish(document: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(document)
}
