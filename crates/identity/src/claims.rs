//! What an access token says (RFC 9068 §2.2 and this system's own `sid` and `ver`).

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{Roles, Scopes, SessionId, TokenId, UserId};

/// The claims of an access token. All are required; e-mail and name stay out.
///
/// Times are `NumericDate`s (RFC 7519 §2) in whole seconds. Texts of up to 24 bytes, as nearly all of them are, lie in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer, compared exactly.
    #[serde(rename = "iss")]
    pub issuer: CompactString,
    /// The user the token speaks for.
    #[serde(rename = "sub")]
    pub subject: UserId,
    /// The services the token is meant for; always written as an array.
    #[serde(rename = "aud")]
    pub audience: Vec<CompactString>,
    /// Not accepted from here on.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// When it was signed.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// Not accepted before.
    #[serde(rename = "nbf")]
    pub not_before: i64,
    /// This token's own name.
    #[serde(rename = "jti")]
    pub token_id: TokenId,
    /// The client software that asked for it (RFC 8693 §4.3).
    pub client_id: CompactString,
    /// The session it belongs to.
    #[serde(rename = "sid")]
    pub session_id: SessionId,
    /// The subject's token version: raised when everything issued before must end.
    #[serde(rename = "ver")]
    pub version: u32,
    /// What it may be used for.
    pub scope: Scopes,
    /// What the subject is.
    pub roles: Roles,
    /// When the user last proved who they are.
    pub auth_time: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, SystemClock, SystemEntropy};

    #[test]
    fn the_wire_form_is_the_contract() {
        let roles = Roles::from(vec![Role::Customer]);
        let claims = Claims {
            issuer: "https://auth.example".into(),
            subject: UserId::generate(&SystemClock, &SystemEntropy),
            audience: vec!["users".into()],
            expires_at: 600,
            issued_at: 0,
            not_before: 0,
            token_id: TokenId("j".into()),
            client_id: "signet".into(),
            session_id: SessionId::generate(&SystemClock, &SystemEntropy),
            version: 1,
            scope: roles.scopes(),
            roles,
            auth_time: 0,
        };
        let json = serde_json::to_value(&claims).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "aud",
                "auth_time",
                "client_id",
                "exp",
                "iat",
                "iss",
                "jti",
                "nbf",
                "roles",
                "scope",
                "sid",
                "sub",
                "ver"
            ]
        );
        assert_eq!(serde_json::from_value::<Claims>(json).unwrap(), claims);
    }
}
