//! Problems as callers see them: `application/problem+json` (RFC 9457) with a `code` from a closed list.
//!
//! What is shown and what is logged are different things: [`Problem::cause`] goes to the log with the trace id
//! that the caller is given, and never to the caller. Where next: `code` for the list.

mod code;

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

pub use code::{Code, codes};

use crate::trace;

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

/// A refusal or failure, on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    code: &'static Code,
    detail: Option<String>,
    retry_after: Option<Duration>,
    challenge: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The body of a problem (RFC 9457 §3.1, with the extension members `code` and `trace_id`).
#[derive(Serialize, ToSchema)]
pub struct ProblemBody {
    /// Names the kind of problem: `urn:signet:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// One of the closed list of codes; programs decide by it.
    code: &'static str,
    /// Finds this request in the logs.
    trace_id: String,
}

impl Problem {
    /// A problem of the given kind.
    #[must_use]
    pub fn new(code: &'static Code) -> Self {
        Self { code, detail: None, retry_after: None, challenge: None, cause: None }
    }

    /// Says what in particular is wrong and what would be right. Shown to the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says when trying again makes sense (`Retry-After`, RFC 9110 §10.2.3), rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Sets `WWW-Authenticate` (RFC 6750 §3).
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// Keeps what went wrong underneath. Logged, never shown.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The kind of problem.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        self.code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name)?;
        self.cause.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let trace_id = trace::current_id();
        trace::set("signet.problem", self.code.name);
        match &self.cause {
            Some(cause) if self.code.status >= 500 => {
                tracing::error!(code = self.code.name, cause = %Chain(cause.as_ref()), "request failed");
            }
            Some(cause) => {
                tracing::info!(code = self.code.name, cause = %Chain(cause.as_ref()), "request refused");
            }
            None => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(after) = self.retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.max(1).to_string()));
        }
        if let Some(challenge) = &self.challenge {
            response.insert_header((header::WWW_AUTHENTICATE, challenge.as_str()));
        }
        let mut response = response.content_type("application/problem+json").json(ProblemBody {
            kind: format!("urn:signet:problem:{}", self.code.name),
            title: self.code.title,
            status: self.code.status,
            detail: self.detail.clone(),
            code: self.code.name,
            trace_id,
        });
        response.extensions_mut().insert(ProblemCode(self.code.name));
        response
    }
}

/// What a response that is a problem carries for the observer.
pub(crate) struct ProblemCode(pub(crate) &'static str);

/// Shows an error with everything beneath it: for logs and for operators, never for callers.
pub struct Chain<'e>(
    /// The outermost error.
    pub &'e (dyn std::error::Error + 'static),
);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn the_caller_sees_the_code_and_not_the_cause() {
        let problem = Problem::new(&codes::UNAVAILABLE)
            .detail("try again")
            .retry_after(Duration::from_millis(1500))
            .cause("password of the database");
        let response = problem.error_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers().get("retry-after").unwrap(), "2");
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        let body = String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap();
        assert!(body.contains(r#""code":"unavailable""#) && !body.contains("password"), "{body}");
    }
}
