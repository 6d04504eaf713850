//! What a registered client may have: tokens of its own, and tokens by which it acts for users.

use identity::Scopes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a client may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientRights {
    /// What its own tokens may be used for.
    pub scopes: Scopes,
    /// Whom its own tokens are meant for.
    pub audiences: Vec<String>,
    /// Where it may act for users, if it may.
    pub acting: Option<Acting>,
}

/// That a service may act for the users who come to it, at other services (RFC 8693).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    /// By which name tokens mean this service itself (`aud`): it may exchange those alone.
    #[schema(max_length = 64, example = "appointments")]
    pub service: String,
    /// The services at which it may act: 1 to 16.
    #[schema(min_items = 1, max_items = 16)]
    pub at: Vec<String>,
}

/// As much of `held` as `requested` names (RFC 6749 §3.3): all of it when nothing is named, never more.
pub(crate) fn narrowed(held: &Scopes, requested: Option<&str>) -> Option<Scopes> {
    let Some(requested) = requested else { return Some(held.clone()) };
    let requested: Scopes = requested.split(' ').collect();
    let mut names = requested.as_str().split(' ').filter(|name| !name.is_empty()).peekable();
    (names.peek().is_some() && names.all(|name| held.contains(name))).then_some(requested)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_granted_more_than_they_may_have() {
        let held: Scopes = ["users", "revocations"].into_iter().collect();
        let granted = |requested| narrowed(&held, requested).map(|scopes| scopes.as_str().to_owned());
        assert_eq!(granted(None).as_deref(), Some("revocations users"));
        assert_eq!(granted(Some("users")).as_deref(), Some("users"));
        assert_eq!(granted(Some("users revocations users")).as_deref(), Some("revocations users"));
        for too_much in ["", " ", "admin", "users admin", "user", "Users"] {
            assert_eq!(granted(Some(too_much)), None, "{too_much:?}");
        }
    }
}
