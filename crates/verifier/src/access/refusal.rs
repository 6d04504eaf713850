//! What is answered to whoever is not let in: a status, headers and a body, of no framework. Where next: the framework's own
//! module, or write them out by yourself.

use std::{borrow::Cow, sync::Arc, time::Duration};

use identity::Role;
use serde::Serialize;

use crate::{Reason, Rejection, Verifier};

/// Somebody is not let in. What the caller is told is in [`status`](Self::status), [`headers`](Self::headers) and
/// [`body`](Self::body); `Display` and [`reason`](Self::reason) are for logs and say why.
///
/// | status | code | when | `WWW-Authenticate` |
/// |---|---|---|---|
/// | 401 | `unauthenticated` | no credential was sent | `Bearer` |
/// | 401 | `unauthenticated` | it is not one good token, for whatever reason | `Bearer error="invalid_token"` |
/// | 403 | `insufficient_scope` | the token does not grant the scope | `Bearer error="insufficient_scope", scope="…"` |
/// | 403 | `forbidden` | the caller does not have the role | none, since no other token would help |
/// | 503 | `unavailable` | there are no keys to judge by | none, but `Retry-After` |
/// | 503 | `unavailable` | it is not known well enough what was revoked ([`Within`](super::Within)) | none, but `Retry-After` |
/// | 500 | `internal` | the service has a route without a verifier | none |
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.cause)]
pub struct Refusal(
    /// Boxed, so that those who are let in do not have to carry room for it.
    Box<Why>,
);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Why {
    cause: Cause,
    resource_metadata: Option<Arc<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Credential(Rejection),
    #[error("the scope {0:?} is not granted")]
    Scope(&'static str),
    #[error("the role {0} is missing")]
    Role(Role),
    #[error("the news of revocations are too old for this route")]
    Stale,
    #[cfg(feature = "actix")]
    #[error("this route has no verifier among its app data")]
    NoVerifier,
}

const UNAVAILABLE: (u16, &str, &str) = (503, "unavailable", "Something this needs is not available");
/// When news that did not come may have.
const NEXT_NEWS: Duration = Duration::from_secs(5);

/// The body (RFC 9457 §3.1, with the extension member `code`).
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'a, str>>,
    code: &'a str,
}

impl Refusal {
    pub(super) fn credential(rejection: Rejection) -> Self {
        Self::new(Cause::Credential(rejection))
    }

    pub(super) fn scope(scope: &'static str) -> Self {
        Self::new(Cause::Scope(scope))
    }

    pub(super) fn role(role: Role) -> Self {
        Self::new(Cause::Role(role))
    }

    pub(super) fn stale() -> Self {
        Self::new(Cause::Stale)
    }

    #[cfg(feature = "actix")]
    pub(super) fn no_verifier() -> Self {
        Self::new(Cause::NoVerifier)
    }

    #[cold]
    fn new(cause: Cause) -> Self {
        Self(Box::new(Why { cause, resource_metadata: None }))
    }

    /// The same, pointing to what `verifier` says about this service.
    pub(super) fn of(mut self, verifier: &Verifier) -> Self {
        self.0.resource_metadata = verifier.resource_metadata();
        self
    }

    /// Why the credential was refused, if that is what was. For logs and metrics, not for the caller.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        match self.0.cause {
            Cause::Credential(rejection) => Some(rejection.reason()),
            _ => None,
        }
    }

    /// The HTTP status: 401, 403 or 503 (and 500, where the service itself is put together wrongly).
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.kind().0
    }

    /// The kind of refusal, from the closed list above; programs decide by it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind().1
    }

    /// One sentence for a human, the same for every refusal of a kind (RFC 9457 §3.1.3).
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.kind().2
    }

    const fn kind(&self) -> (u16, &'static str, &'static str) {
        match self.0.cause {
            Cause::Credential(rejection) if rejection.is_unavailable() => UNAVAILABLE,
            Cause::Stale => UNAVAILABLE,
            Cause::Credential(_) => (401, "unauthenticated", "A valid access token is needed"),
            Cause::Scope(_) => (403, "insufficient_scope", "The access token does not allow this"),
            Cause::Role(_) => (403, "forbidden", "You may not do this"),
            #[cfg(feature = "actix")]
            Cause::NoVerifier => (500, "internal", "Something broke on our side"),
        }
    }

    /// What in particular is missing. Never what is wrong with a token.
    #[must_use]
    pub fn detail(&self) -> Option<Cow<'static, str>> {
        match self.0.cause {
            Cause::Credential(rejection) => {
                rejection.is_unavailable().then_some("tokens cannot be verified at this moment".into())
            }
            Cause::Stale => Some("it is not known at this moment what was revoked".into()),
            Cause::Scope(scope) => Some(format!("the scope {scope:?} is needed").into()),
            Cause::Role(role) => Some(format!("the role {role} is needed").into()),
            #[cfg(feature = "actix")]
            Cause::NoVerifier => None,
        }
    }

    /// The value of `WWW-Authenticate`: RFC 6750 §3, with `resource_metadata` (RFC 9728 §5.1) where the verifier knows
    /// it. No error code when no credential was sent (RFC 6750 §3.1).
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let error = match self.0.cause {
            Cause::Credential(rejection) if rejection.is_unavailable() => return None,
            Cause::Credential(rejection) if rejection.reason() == Reason::Missing => None,
            Cause::Credential(_) => Some(r#"error="invalid_token""#.to_owned()),
            Cause::Scope(scope) => Some(format!(r#"error="insufficient_scope", scope="{scope}""#)),
            _ => return None,
        };
        let metadata = self.0.resource_metadata.as_ref().map(|url| format!(r#"resource_metadata="{url}""#));
        let parameters: Vec<_> = error.into_iter().chain(metadata).collect();
        Some(format!("Bearer {}", parameters.join(", ")).trim_end().to_owned())
    }

    /// When trying again makes sense, of a 503.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.cause {
            Cause::Credential(rejection) => rejection.retry_after(),
            Cause::Stale => Some(NEXT_NEWS),
            _ => None,
        }
    }

    /// All headers of the answer. Names are in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        let challenge = self.challenge().map(|value| ("www-authenticate", value.into()));
        let retry_after = self.retry_after().map(|after| ("retry-after", whole_seconds(after).into()));
        let always =
            [("content-type", "application/problem+json".into()), ("cache-control", "no-store".into())];
        always.into_iter().chain(challenge).chain(retry_after)
    }

    /// The body of the answer: a problem (RFC 9457) as JSON.
    #[must_use]
    pub fn body(&self) -> String {
        let body = Body {
            kind: format!("urn:signet:problem:{}", self.code()),
            title: self.title(),
            status: self.status(),
            detail: self.detail(),
            code: self.code(),
        };
        // Texts and a number: there is nothing in it that could not be written.
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// The same in gRPC: `UNAUTHENTICATED` 16, `PERMISSION_DENIED` 7, `UNAVAILABLE` 14, `INTERNAL` 13. The message beside
    /// it is the [`code`](Self::code).
    #[must_use]
    pub const fn grpc_status(&self) -> u8 {
        match self.status() {
            401 => 16,
            403 => 7,
            503 => 14,
            _ => 13,
        }
    }
}

/// For `Retry-After` (RFC 9110 §10.2.3), never too early.
fn whole_seconds(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    seconds.max(1).to_string()
}

#[cfg(test)]
mod tests;
