//! Writes access tokens (RFC 9068): claims in, compact JWS out.
//!
//! The header is exactly `alg`, `typ` and `kid`, and is encoded once per key. Under a 2048-bit key a token is at
//! most 1 KiB long, even that of a user with every role; a 3072-bit key adds 170 bytes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::Claims;

use super::key::{KeyError, SigningKey};

/// Signs with one key.
#[derive(Debug)]
pub(crate) struct TokenSigner {
    key: SigningKey,
    /// The encoded header and its dot.
    header: String,
}

/// A token could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error("claims could not be written as JSON")]
    Claims(#[from] serde_json::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl TokenSigner {
    pub(crate) fn new(key: SigningKey) -> Self {
        // A kid is base64url: it needs no escaping.
        let header = format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{}"}}"#, key.public().kid);
        Self { header: format!("{}.", URL_SAFE_NO_PAD.encode(header)), key }
    }

    /// The name of the key.
    pub(crate) fn kid(&self) -> &str {
        &self.key.public().kid
    }

    #[cfg(test)]
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The token that says `claims`.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, SignError> {
        let mut token = String::with_capacity(1024);
        token.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use identity::{Role, Roles, SessionId, SystemClock, SystemEntropy, TokenId, UserId};
    use serde_json::{Value, json};

    use super::*;
    use crate::signing::key::tests::PKCS8;

    fn signer() -> TokenSigner {
        TokenSigner::new(SigningKey::open(&PKCS8).unwrap())
    }

    /// The longest claims in practice: every role, every audience, an issuer with a name of its own.
    pub(crate) fn longest() -> Claims {
        let roles: Roles = [Role::Customer, Role::Provider, Role::Admin].into_iter().collect();
        Claims {
            issuer: "https://auth.example.com".into(),
            subject: UserId::generate(&SystemClock, &SystemEntropy),
            audience: ["auth", "users", "appointments", "payments"].map(Into::into).to_vec(),
            expires_at: 4_102_444_800,
            issued_at: 4_102_444_800,
            not_before: 4_102_444_800,
            token_id: TokenId("A".repeat(22).into()),
            client_id: "signet".into(),
            session_id: SessionId::generate(&SystemClock, &SystemEntropy),
            version: 9_999,
            scope: roles.scopes(),
            roles,
            auth_time: 4_102_444_800,
            actor: None,
        }
    }

    #[test]
    fn the_token_of_an_administrator_fits_into_a_kibibyte() {
        let token = signer().sign(&longest()).unwrap();
        assert!(token.len() <= 1024, "{} bytes", token.len());
    }

    #[test]
    fn a_token_is_header_claims_and_signature_over_both() {
        let (signer, claims) = (signer(), longest());
        let token = signer.sign(&claims).unwrap();
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { panic!("{token}") };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let header_json: Value = serde_json::from_slice(&decode(header)).unwrap();
        assert_eq!(header_json, json!({"alg": "RS256", "typ": "at+jwt", "kid": signer.key().public().kid}));
        assert_eq!(serde_json::from_slice::<Claims>(&decode(payload)).unwrap(), claims);
        assert_eq!(decode(signature), signer.key().sign(format!("{header}.{payload}").as_bytes()).unwrap());
    }
}
