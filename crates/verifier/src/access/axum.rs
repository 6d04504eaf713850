//! [`Caller`] as an extractor of axum. The application's state carries the verifier: it is one, or gives one away
//! (`FromRef`).

use axum_core::{
    body::Body,
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{
    Caller, Demand, Refusal,
    http::{authorization, response},
};
use crate::Verifier;

impl<D, S> FromRequestParts<S> for Caller<D>
where
    D: Demand,
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let verifier = Verifier::from_ref(state);
        Self::authenticate(&verifier, authorization(&parts.headers)).await
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        response(&self).map(Body::from)
    }
}
