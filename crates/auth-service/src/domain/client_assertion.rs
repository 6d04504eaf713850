//! By what a client shows that it has a key (RFC 7523 §2.2 and §3): a JWT of its own that says who it is, to us and
//! for a moment. Where next: `handlers/oauth/authentication.rs`.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use verifier::{PublicKey, SetFault};

use super::registered_client::ClientId;

/// The value of `client_assertion_type` (RFC 7523 §2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// What `typ` may say, beside nothing.
pub(crate) const TYPES: &[&str] = &["JWT", "client-authentication+jwt"];
/// How far ahead it may expire. It is remembered for as long, so that it is taken once.
const LONGEST: i64 = 5 * 60;
/// By how many seconds the client's clock and this one may differ.
const LEEWAY: i64 = 30;
/// The longest `jti`, in bytes.
const LONGEST_ID: usize = 128;
/// The longest key that is registered, in bytes.
const LONGEST_KEY: usize = 4 * 1024;

/// What it says. Claims that are unknown are ignored (RFC 7523 §3).
#[derive(Debug, Deserialize)]
pub(crate) struct Assertion {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    pub(crate) jti: String,
}

/// One or several (RFC 7519 §4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Assertion {
    /// Whether `client` says this of itself, to us and now: until when it must be remembered, or what is wrong.
    ///
    /// Every audience must be one of `ours`: another server that receives it could use it here.
    pub(crate) fn check(
        &self,
        client: &ClientId,
        ours: &[&str],
        now: Timestamp,
    ) -> Result<Timestamp, &'static str> {
        let now = now.as_second();
        let is_ours = |audience: &String| ours.contains(&audience.as_str());
        let is_for_us = match &self.aud {
            Audience::One(one) => is_ours(one),
            Audience::Several(several) => !several.is_empty() && several.iter().all(is_ours),
        };
        let ahead = |time: Option<i64>| time.is_some_and(|time| time > now + LEEWAY);
        let expires = self.exp.saturating_add(LEEWAY);
        if self.iss != client.as_str() || self.sub != client.as_str() {
            Err("it is not about the client")
        } else if !is_for_us {
            Err("it is not for us, or not for us alone")
        } else if expires <= now {
            Err("it has expired")
        } else if self.exp > now + LONGEST + LEEWAY {
            Err("it expires too late")
        } else if ahead(self.nbf) || ahead(self.iat) {
            Err("it is from the future")
        } else if self.jti.is_empty() || self.jti.len() > LONGEST_ID || self.jti.contains('\0') {
            Err("its jti is empty or too long")
        } else {
            // To the next second, since what is stored has parts of one.
            Ok(Timestamp::from_second(expires + 1).unwrap_or(Timestamp::MAX))
        }
    }
}

/// Who `jwt` says that it is from. **Not verified**: good for nothing but to know whose key to verify it with.
pub(crate) fn claimed(jwt: &str) -> Option<ClientId> {
    #[derive(Deserialize)]
    struct Claimed {
        sub: String,
    }
    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Claimed>(&payload).ok()?.sub.parse().ok()
}

/// A public key that a client is registered with, as a JSON Web Key (RFC 7517 §4).
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKey(String);

/// The text is no key that a client can be registered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClientKey {
    /// It cannot be used; says why.
    #[error("the key cannot be used: {0}. It must be public: RSA with `alg`, P-256 or Ed25519")]
    Unusable(SetFault),
    /// Longer than a key can be.
    #[error("the key is longer than {LONGEST_KEY} bytes")]
    TooLong,
}

impl ClientKey {
    /// Reads one.
    ///
    /// # Errors
    /// If it is not public, too weak, or for no one algorithm that is known here.
    pub fn parse(text: &str) -> Result<Self, InvalidClientKey> {
        if text.len() > LONGEST_KEY {
            return Err(InvalidClientKey::TooLong);
        }
        PublicKey::parse(text).map_err(InvalidClientKey::Unusable)?;
        Ok(Self(text.to_owned()))
    }

    /// As it was kept.
    pub(crate) fn restore(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a client says by an assertion that is signed with it.
    pub(crate) fn open(&self, jwt: &str) -> Result<Assertion, Box<dyn std::error::Error + Send + Sync>> {
        let key = PublicKey::parse(&self.0)?;
        key.open(jwt, TYPES).map_err(|reason| verifier::Rejection::from(reason).into())
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const OURS: [&str; 2] = ["https://auth.example", "https://auth.example/oauth2/token"];

    fn judge(changes: Value) -> Result<i64, &'static str> {
        let mut claims = json!({
            "iss": "billing", "sub": "billing", "aud": "https://auth.example", "exp": NOW + 60, "jti": "one",
        });
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let assertion: Assertion = serde_json::from_value(claims).map_err(|_| "shape")?;
        let client = "billing".parse().unwrap();
        let until = assertion.check(&client, &OURS, Timestamp::from_second(NOW).unwrap());
        until.map(Timestamp::as_second)
    }

    #[test]
    fn what_is_right_is_taken_and_remembered_for_as_long_as_it_could_be_used() {
        for changes in [
            json!({}),
            json!({ "aud": "https://auth.example/oauth2/token" }),
            json!({ "aud": OURS }),
            json!({ "exp": NOW + 330, "iat": NOW + 30, "nbf": NOW + 30, "other": [] }),
            json!({ "exp": NOW - 29 }),
        ] {
            assert!(judge(changes.clone()).is_ok_and(|until| until > NOW), "{changes}");
        }
        assert_eq!(judge(json!({})), Ok(NOW + 91));
    }

    #[test]
    fn whatever_is_not_right_is_refused() {
        for changes in [
            json!({ "iss": "other" }),
            json!({ "sub": "other" }),
            json!({ "aud": "https://other.example" }),
            json!({ "aud": "https://auth.example/" }),
            json!({ "aud": [] }),
            json!({ "aud": ["https://auth.example", "https://other.example"] }),
            json!({ "exp": NOW - 30 }),
            json!({ "exp": NOW + 331 }),
            json!({ "exp": i64::MAX }),
            json!({ "exp": i64::MIN }),
            json!({ "exp": "soon" }),
            json!({ "nbf": NOW + 31 }),
            json!({ "iat": NOW + 31 }),
            json!({ "jti": "" }),
            json!({ "jti": "x".repeat(129) }),
            json!({ "jti": "\0" }),
            json!({ "jti": null }),
        ] {
            assert!(judge(changes.clone()).is_err(), "{changes}");
        }
    }

    #[test]
    fn whose_it_is_said_to_be_is_read_from_anything() {
        let jwt = |payload: &str| format!("x.{}.y", URL_SAFE_NO_PAD.encode(payload));
        assert_eq!(claimed(&jwt(r#"{"sub":"billing"}"#)), "billing".parse().ok());
        for other in ["", ".", "a.b.c", &jwt("{}"), &jwt(r#"{"sub":"No client"}"#), &jwt(r#"{"sub":1}"#)] {
            assert_eq!(claimed(other), None, "{other}");
        }
    }
}
