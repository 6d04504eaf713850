//! Public keys as they are published (RFC 7517). There is no field that a private part could be put into.

use serde::Serialize;

/// A JWK set (RFC 7517 §5) of public RSA signature keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys, the one that signs first.
    pub keys: Vec<PublicJwk>,
}

/// One public RSA key (RFC 7518 §6.3.1) for RS256 signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicJwk {
    kty: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    /// The key's name: its RFC 7638 thumbprint.
    pub kid: String,
    /// Modulus, big-endian, base64url without padding.
    pub n: String,
    /// Public exponent, big-endian, base64url without padding.
    pub e: String,
}

impl PublicJwk {
    /// A key for RS256 signatures out of its base64url-encoded parts.
    #[must_use]
    pub fn rs256(kid: String, n: String, e: String) -> Self {
        Self { kty: "RSA", usage: "sig", alg: "RS256", kid, n, e }
    }

    /// The text whose SHA-256 is the key's thumbprint (RFC 7638 §3.2): required members, in order, no blanks.
    #[must_use]
    pub fn thumbprint_input(n: &str, e: &str) -> String {
        format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_published_with_its_use_and_algorithm() {
        let set = JwkSet { keys: vec![PublicJwk::rs256("k".into(), "n".into(), "AQAB".into())] };
        assert_eq!(
            serde_json::to_string(&set).unwrap(),
            r#"{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"k","n":"n","e":"AQAB"}]}"#
        );
    }
}
