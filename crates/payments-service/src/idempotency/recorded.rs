//! An answer that can be given again to the byte.

use actix_web::{
    HttpResponse, ResponseError,
    body::MessageBody,
    http::{StatusCode, header},
};
use chassis::problem::{Answer, Problem, codes};
use serde::Serialize;

/// A status and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(super) status: u32,
    pub(super) body: Vec<u8>,
}

impl Recorded {
    /// 200 with `body` as JSON.
    pub(crate) fn json(body: &impl Serialize) -> Answer<Self> {
        let body = serde_json::to_vec(body).map_err(|error| Problem::new(&codes::INTERNAL).cause(error))?;
        Ok(Self { status: 200, body })
    }

    /// A refusal, with the trace id of the request that was refused.
    pub(crate) fn problem(problem: &Problem) -> Self {
        let response = problem.error_response();
        let status = u32::from(response.status().as_u16());
        // A problem's body is in memory.
        let body = response.into_body().try_into_bytes().unwrap_or_default();
        Self { status, body: body.to_vec() }
    }

    /// Given for the first time.
    pub(crate) fn response(self) -> HttpResponse {
        self.build(false)
    }

    /// Given again.
    pub(crate) fn replay(self) -> HttpResponse {
        self.build(true)
    }

    fn build(self, again: bool) -> HttpResponse {
        let status = u16::try_from(self.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        let refused = self.status >= 400;
        response.content_type(if refused { "application/problem+json" } else { "application/json" });
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if again {
            response.insert_header(("idempotent-replayed", "true"));
        }
        response.body(self.body)
    }
}
