//! Who calls, in a handler's signature. The way of a refusal: 401 with a challenge (RFC 6750 §3) that never says why,
//! 403 naming the scope that is missing, 503 when there are no keys to judge by. Where next: the crate `verifier`.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use verifier::{Reason, Rejection, Verified, Verifier};

/// A caller whose token was verified and grants the scope `profile`.
pub(crate) struct Profile(pub(crate) Verified);

impl FromRequestParts<Verifier> for Profile {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, verifier: &Verifier) -> Result<Self, Response> {
        let authorization = parts.headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let caller = verifier.authenticate(authorization).await.map_err(|rejection| refuse(&rejection))?;
        if caller.scope.contains("profile") {
            return Ok(Self(caller));
        }
        let challenge = r#"Bearer error="insufficient_scope", scope="profile""#;
        Err((StatusCode::FORBIDDEN, [(header::WWW_AUTHENTICATE, challenge)]).into_response())
    }
}

fn refuse(rejection: &Rejection) -> Response {
    if rejection.is_unavailable() {
        let seconds = rejection.retry_after().unwrap_or_default().as_secs().to_string();
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds)]).into_response();
    }
    // Why is for the log and nobody else.
    println!("{rejection}");
    let challenge = match rejection.reason() {
        Reason::Missing => "Bearer",
        _ => r#"Bearer error="invalid_token""#,
    };
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
