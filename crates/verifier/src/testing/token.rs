//! Minting tokens, good ones by default and as bad as a test wants them.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{Entropy, Role, Roles, SessionId, SystemClock, SystemEntropy, UserId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Issuer, key::SigningKey};

/// A token to be minted. Made by [`Issuer::token`].
#[derive(Clone)]
#[must_use]
pub struct TokenBuilder {
    key: Arc<SigningKey>,
    now: i64,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    header_text: Option<Vec<u8>>,
    claims_text: Option<Vec<u8>>,
}

/// The public texts that attackers use as an HMAC secret, hoping that the verifier does too (RFC 8725 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HmacSecret {
    /// The public key as PEM.
    Pem,
    /// The public key as the text of its JWK.
    Jwk,
}

impl TokenBuilder {
    pub(super) fn new(issuer: &str, now: Timestamp, key: Arc<SigningKey>) -> Self {
        let now = now.as_second();
        let roles = Roles::from(vec![Role::Customer]);
        let mut token_id = [0; 16];
        SystemEntropy.fill(&mut token_id);
        let claims = json!({
            "iss": issuer,
            "sub": UserId::generate(&SystemClock, &SystemEntropy),
            "aud": ["auth", "users", "appointments", "payments"],
            "exp": now + 600,
            "iat": now,
            "nbf": now,
            "jti": URL_SAFE_NO_PAD.encode(token_id),
            "client_id": "signet",
            "sid": SessionId::generate(&SystemClock, &SystemEntropy),
            "ver": 1,
            "scope": roles.scopes(),
            "roles": roles,
            "auth_time": now,
        });
        let header = json!({ "alg": key.algorithm.as_str(), "typ": "at+jwt", "kid": key.kid });
        Self {
            key,
            now,
            header: members(header),
            claims: members(claims),
            header_text: None,
            claims_text: None,
        }
    }

    /// Speaks for this user.
    pub fn subject(self, user: UserId) -> Self {
        self.claim("sub", json!(user))
    }

    /// Belongs to this session.
    pub fn session(self, session: SessionId) -> Self {
        self.claim("sid", json!(session))
    }

    /// Carries these roles, and the scopes they grant.
    pub fn roles(self, roles: impl IntoIterator<Item = Role>) -> Self {
        let roles: Roles = roles.into_iter().collect();
        self.claim("scope", json!(roles.scopes())).claim("roles", json!(roles))
    }

    /// Carries just these scopes. Call it after [`roles`](Self::roles).
    pub fn scopes<'a>(self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let scopes: identity::Scopes = scopes.into_iter().collect();
        self.claim("scope", json!(scopes))
    }

    /// Is meant for these services.
    pub fn audience<'a>(self, services: impl IntoIterator<Item = &'a str>) -> Self {
        let services: Vec<_> = services.into_iter().collect();
        self.claim("aud", json!(services))
    }

    /// Is used by this client in the subject's place (RFC 8693 §4.1), which it names as a token given in exchange does.
    pub fn actor(self, client: UserId, client_id: &str) -> Self {
        let actor = json!({ "sub": client, "client_id": client_id });
        self.claim("act", actor).claim("client_id", json!(client_id))
    }

    /// Lives for so long from now, in whole seconds.
    pub fn expires_in(self, lifetime: Duration) -> Self {
        let expires_at = self.now + i64::try_from(lifetime.as_secs()).expect("a lifetime that fits");
        self.claim("exp", json!(expires_at))
    }

    /// Was issued an hour ago for ten minutes.
    pub fn expired(self) -> Self {
        let then = self.now - 3600;
        ["iat", "nbf", "auth_time"]
            .into_iter()
            .fold(self, |token, name| token.claim(name, json!(then)))
            .claim("exp", json!(then + 600))
    }

    /// Sets a claim, to whatever.
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    /// Leaves a claim out.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Uses this text for the claims, JSON or not, UTF-8 or not.
    pub fn claims_text(self, text: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { claims_text: Some(text.as_ref().to_owned()), ..self }
    }

    /// Sets a member of the header, to whatever.
    pub fn header(mut self, name: &str, value: Value) -> Self {
        self.header.insert(name.to_owned(), value);
        self
    }

    /// Leaves a member of the header out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Uses this text for the header, JSON or not, UTF-8 or not.
    pub fn header_text(self, text: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { header_text: Some(text.as_ref().to_owned()), ..self }
    }

    /// Is signed by the other's current key, while it still names this issuer's.
    pub fn signed_by(self, other: &Issuer) -> Self {
        Self { key: other.signing_key(), ..self }
    }

    /// The claims as JSON, as far as they are set, for [`claims_text`](Self::claims_text).
    #[must_use]
    pub fn claims_json(&self) -> String {
        Value::Object(self.claims.clone()).to_string()
    }

    /// The header as JSON, as far as it is set, for [`header_text`](Self::header_text).
    #[must_use]
    pub fn header_json(&self) -> String {
        Value::Object(self.header.clone()).to_string()
    }

    /// The token, signed with the key's algorithm whatever its header says.
    #[must_use]
    pub fn mint(self) -> String {
        let message = self.message();
        let signature = self.key.sign(&message);
        joined(&message, &signature)
    }

    /// The token with these bytes as its signature.
    #[must_use]
    pub fn mint_with_signature(self, signature: &[u8]) -> String {
        joined(&self.message(), signature)
    }

    /// The token with `alg: none` and no signature (RFC 7515 §A.5).
    #[must_use]
    pub fn mint_unsigned(self) -> String {
        joined(&self.header("alg", json!("none")).message(), &[])
    }

    /// The token with `alg: HS256`, authenticated with a text that everybody knows.
    #[must_use]
    pub fn mint_hmac(self, secret: HmacSecret) -> String {
        let secret = match secret {
            HmacSecret::Pem => self.key.public_pem(),
            HmacSecret::Jwk => self.key.jwk.to_string(),
        };
        let message = self.header("alg", json!("HS256")).message();
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        joined(&message, hmac::sign(&secret, message.as_bytes()).as_ref())
    }

    /// The token with a signature that was made before `name` was changed to `value`.
    #[must_use]
    pub fn mint_tampered(self, name: &str, value: Value) -> String {
        let signature = self.key.sign(&self.message());
        joined(&self.claim(name, value).message(), &signature)
    }

    /// What a signature is over (RFC 7515 §5.1).
    pub(super) fn message(&self) -> String {
        let encoded = |text: &Option<Vec<u8>>, json: String| {
            URL_SAFE_NO_PAD.encode(text.as_deref().unwrap_or(json.as_bytes()))
        };
        let header = encoded(&self.header_text, self.header_json());
        format!("{header}.{}", encoded(&self.claims_text, self.claims_json()))
    }
}

pub(super) fn joined(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
