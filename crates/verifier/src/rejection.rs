//! Why a token was not accepted: a closed list, so that it can be a metric's label, and never the token's text.
//! Where next: `bearer` and `verifier`, which hand these out.

use std::{fmt, time::Duration};

/// Why a credential was refused. The list is closed and small enough to be a metric's label.
///
/// The caller of a service is told 401 or 503 and no more; the reason is for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No `Authorization` header was sent. Answered without an error code (RFC 6750 §3.1).
    Missing,
    /// More than one `Authorization` header was sent (RFC 6750 §2: one method, once).
    Repeated,
    /// The `Authorization` header uses another scheme than `Bearer` (RFC 6750 §2.1).
    OtherScheme,
    /// Longer than a token may be.
    TooLong,
    /// Not three parts of strict, unpadded base64url holding strict JSON (RFC 7515 §3, RFC 4648 §3.5).
    Malformed,
    /// `alg` is not what the issuer may sign with, or not what the key is for (RFC 8725 §3.1).
    Algorithm,
    /// `typ` is not `at+jwt` (RFC 9068 §4, RFC 8725 §3.11).
    Type,
    /// `kid` is missing, empty or too long (RFC 7515 §4.1.4).
    KeyId,
    /// The header carries a member that could change how it is read: `crit`, `b64`, `zip`, `enc`, `jwk`, `jku`,
    /// `x5u` or `x5c` (RFC 7515 §4.1, RFC 8725 §3.10).
    ForbiddenHeader,
    /// The issuer publishes no key of this name.
    UnknownKey,
    /// The signature does not fit (RFC 7515 §5.2).
    Signature,
    /// A claim is missing or has the wrong type (RFC 9068 §2.2).
    Claims,
    /// `iss` is not the issuer that is trusted here (RFC 9068 §4).
    Issuer,
    /// `aud` does not name this service (RFC 9068 §4).
    Audience,
    /// `exp` has passed (RFC 7519 §4.1.4).
    Expired,
    /// `nbf`, `iat` or `auth_time` lies in the future (RFC 7519 §4.1.5).
    NotYetValid,
    /// `exp` does not follow `iat`, or follows it too late.
    Lifetime,
    /// It was revoked before its time: its session, its subject, its client, its key or itself.
    Revoked,
    /// No key set is at hand, or the one at hand is too old to be trusted: nothing can be verified. The one
    /// reason that is the service's fault and not the caller's.
    Unavailable,
}

impl Reason {
    /// Every reason, in the order of declaration.
    pub const ALL: [Self; 19] = [
        Self::Missing,
        Self::Repeated,
        Self::OtherScheme,
        Self::TooLong,
        Self::Malformed,
        Self::Algorithm,
        Self::Type,
        Self::KeyId,
        Self::ForbiddenHeader,
        Self::UnknownKey,
        Self::Signature,
        Self::Claims,
        Self::Issuer,
        Self::Audience,
        Self::Expired,
        Self::NotYetValid,
        Self::Lifetime,
        Self::Revoked,
        Self::Unavailable,
    ];

    /// A stable name in snake case, for logs and metric labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::OtherScheme => "other_scheme",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::KeyId => "key_id",
            Self::ForbiddenHeader => "forbidden_header",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Lifetime => "lifetime",
            Self::Revoked => "revoked",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A credential that was refused: 503 if [`is_unavailable`](Self::is_unavailable), else 401 (RFC 6750 §3.1).
///
/// `Display` is for logs. Nothing of the token is kept, so nothing of it can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential was refused: {reason}")]
pub struct Rejection {
    reason: Reason,
    retry_after: Option<Duration>,
}

impl Rejection {
    pub(crate) const fn unavailable(retry_after: Duration) -> Self {
        Self { reason: Reason::Unavailable, retry_after: Some(retry_after) }
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// In whole seconds, when to try again: the `Retry-After` header of a 503 (RFC 9110 §10.2.3).
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether this is 503, no key being at hand, rather than 401.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self.reason, Reason::Unavailable)
    }
}

impl From<Reason> for Rejection {
    fn from(reason: Reason) -> Self {
        Self { reason, retry_after: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_reason_where_counters_look_for_it() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason}");
        }
        assert_eq!(Reason::Unavailable as usize + 1, Reason::ALL.len());
    }

    #[test]
    fn only_unavailable_is_503() {
        let unavailable: Vec<_> =
            Reason::ALL.into_iter().filter(|reason| Rejection::from(*reason).is_unavailable()).collect();
        assert_eq!(unavailable, [Reason::Unavailable]);
    }
}
