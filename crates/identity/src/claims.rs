//! What an access token says (RFC 9068 §2.2 and this system's own `sid` and `ver`).

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Roles, Scopes, SessionId, TokenId, UserId};

/// The claims of an access token. All but `act` are required; e-mail and name stay out.
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
    /// Who uses it in the subject's place, if that is not the subject (RFC 8693 §4.1).
    #[serde(rename = "act", default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub actor: Option<Box<Actor>>,
}

/// A client that acts for a user, by a token that it was given in exchange for the user's own. It adds nothing to what
/// the token allows. Those who acted before it are of no account (RFC 8693 §4.1), and so is whatever else is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The `sub` of its own tokens.
    #[serde(rename = "sub")]
    pub subject: UserId,
    /// Its name.
    pub client_id: CompactString,
}

/// What is there must be one: `null` is not as good as nothing.
fn present<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Box<Actor>>, D::Error> {
    Deserialize::deserialize(member).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, SystemClock, SystemEntropy};

    fn claims() -> Claims {
        let roles = Roles::from(vec![Role::Customer]);
        Claims {
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
            actor: None,
        }
    }

    #[test]
    fn the_wire_form_is_the_contract() {
        let claims = claims();
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

    #[test]
    fn an_actor_is_an_object_of_two_members() {
        let subject = UserId::generate(&SystemClock, &SystemEntropy);
        let actor = Some(Box::new(Actor { subject, client_id: "appointments-service".into() }));
        let claims = Claims { actor, ..claims() };
        let json = serde_json::to_value(&claims).unwrap();
        assert_eq!(json["act"], serde_json::json!({ "sub": subject, "client_id": "appointments-service" }));
        assert_eq!(serde_json::from_value::<Claims>(json).unwrap(), claims);
    }
}
