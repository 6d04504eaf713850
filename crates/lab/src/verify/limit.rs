//! The limit: nothing but the signature of each token, verified with a key that was parsed once. Where next: `miss`.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use verifier::testing::Issuer;

use crate::{Outcome, mint::PublicKey, rounds::nanoseconds_each};

/// A key of which nothing but the arithmetic remains to be done.
#[derive(Clone)]
pub(crate) struct RawKey(ParsedPublicKey);

impl RawKey {
    /// The key as it is published.
    pub(crate) fn parse(key: &PublicKey) -> Outcome<Self> {
        let (n, e) = (URL_SAFE_NO_PAD.decode(&key.n)?, URL_SAFE_NO_PAD.decode(&key.e)?);
        Ok(Self(RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?))
    }

    /// Whether it signed the token, of which this reads no more than it must.
    pub(crate) fn signed(&self, token: &[u8]) -> bool {
        let Some((message, signature)) = apart(token) else { return false };
        let mut bytes = [0; 512];
        let decoded = URL_SAFE_NO_PAD.decode_slice(signature, &mut bytes).unwrap_or_default();
        self.verifies(message, bytes.get(..decoded).unwrap_or_default())
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// What is signed, and the signature in base64url.
fn apart(token: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = token.iter().rposition(|byte| *byte == b'.')?;
    let (message, signature) = token.split_at_checked(dot)?;
    Some((message, signature.get(1..)?))
}

/// Signatures of many tokens, ready to be verified.
pub(crate) struct Limit {
    key: RawKey,
    /// What is signed, and the signature.
    signed: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Limit {
    pub(crate) fn new(issuer: &Issuer, tokens: &[String]) -> Outcome<Self> {
        let key = RawKey::parse(&PublicKey::of(issuer)?)?;
        if !tokens.iter().all(|token| key.signed(token.as_bytes())) {
            return Err("a bad token".into());
        }
        let decoded = |token: &String| {
            let (message, signature) = apart(token.as_bytes())?;
            Some((message.to_vec(), URL_SAFE_NO_PAD.decode(signature).ok()?))
        };
        let signed = tokens.iter().map(decoded).collect::<Option<_>>().ok_or("not a token")?;
        Ok(Self { key, signed })
    }

    pub(crate) fn turn(&self) -> f64 {
        nanoseconds_each(&self.signed, |(message, signature)| self.key.verifies(message, signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mint;

    #[test]
    fn only_what_the_key_signed_is_signed() {
        let issuer = mint::issuer();
        let key = RawKey::parse(&PublicKey::of(&issuer).unwrap()).unwrap();
        let token = issuer.token().mint();
        assert!(key.signed(token.as_bytes()));
        for other in ["", "..", &token.replacen("ey", "ez", 1), token.rsplit_once('.').unwrap().0] {
            assert!(!key.signed(other.as_bytes()), "{other}");
        }
    }
}
