//! One JSON Web Key (RFC 7517 §4, RFC 7518 §6.3.1): usable here, foreign, or a reason to refuse its whole set.
//! Where next: `set`.

use std::borrow::Cow;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::SetFault;
use crate::{Algorithm, Limits, json::Presence};

/// The one algorithm keys are bound to here (RFC 7518 §3.3).
const RS256: &str = "RS256";

/// A key as it came.
#[derive(Deserialize)]
pub(super) struct RawJwk<'a> {
    kty: Cow<'a, str>,
    pub(super) kid: Option<Cow<'a, str>>,
    #[serde(rename = "use")]
    usage: Option<Cow<'a, str>>,
    alg: Option<Cow<'a, str>>,
    key_ops: Option<Vec<Cow<'a, str>>>,
    n: Option<Cow<'a, str>>,
    e: Option<Cow<'a, str>>,
    // The private parts of RSA and EC keys (RFC 7518 §6.2.2, §6.3.2) and a symmetric key (§6.4.1). Their values are
    // never read.
    #[serde(default)]
    d: Presence,
    #[serde(default)]
    p: Presence,
    #[serde(default)]
    q: Presence,
    #[serde(default)]
    dp: Presence,
    #[serde(default)]
    dq: Presence,
    #[serde(default)]
    qi: Presence,
    #[serde(default)]
    oth: Presence,
    #[serde(default)]
    k: Presence,
}

/// A public key that verifies RS256 signatures, parsed once.
#[derive(Debug)]
pub(crate) struct Key {
    pub(super) kid: String,
    /// The one algorithm it verifies (RFC 8725 §3.1).
    pub(crate) algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

impl Key {
    /// Whether `signature` over `message` was made with this key's private half (RFC 7515 §5.2, RFC 7518 §3.3).
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl RawJwk<'_> {
    /// Whether this publishes what must never be public. Its owner has lost a secret: nothing of the set is
    /// believed any more.
    fn is_secret(&self) -> bool {
        let secrets = [self.d, self.p, self.q, self.dp, self.dq, self.qi, self.oth, self.k];
        self.kty == "oct" || secrets.contains(&Presence(true))
    }

    /// Whether the key is published to verify RS256 signatures. `alg`, `use` and `key_ops` may be left out
    /// (RFC 7517 §4.2–4.4), but must not say otherwise.
    fn is_for_rs256(&self) -> bool {
        let verifies =
            |operations: &Vec<Cow<'_, str>>| operations.iter().any(|operation| operation == "verify");
        self.kty == "RSA"
            && self.alg.as_ref().is_none_or(|alg| alg == RS256)
            && self.usage.as_ref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(verifies)
    }

    /// The key, or `None` if it is of no use here and to be ignored (RFC 7517 §5): another type, algorithm or use,
    /// no name that a token could call it by, or a size or exponent that is not supported.
    pub(super) fn parse(self, limits: &Limits) -> Result<Option<Key>, SetFault> {
        if self.is_secret() {
            return Err(SetFault::SecretPublished);
        }
        if !self.is_for_rs256() {
            return Ok(None);
        }
        let Some(kid) = self.kid.filter(|kid| !kid.is_empty() && kid.len() <= limits.kid_bytes) else {
            return Ok(None);
        };
        let (n, e) = (number(self.n.as_deref())?, number(self.e.as_deref())?);
        let supported = e == [1, 0, 1] && (limits.rsa_bits_least..=limits.rsa_bits_most).contains(&bits(&n));
        if !supported {
            return Ok(None);
        }
        let parsed = RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| SetFault::MalformedKey)?;
        Ok(Some(Key { kid: kid.into_owned(), algorithm: Algorithm::Rs256, parsed }))
    }
}

/// A `Base64urlUInt`: base64url of a big-endian number without leading zero bytes (RFC 7518 §2).
fn number(text: Option<&str>) -> Result<Vec<u8>, SetFault> {
    let bytes = URL_SAFE_NO_PAD.decode(text.unwrap_or_default()).map_err(|_| SetFault::MalformedKey)?;
    if bytes.first().is_none_or(|first| *first == 0) { Err(SetFault::MalformedKey) } else { Ok(bytes) }
}

/// How many bits a number without leading zero bytes has.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    (number.len() * 8).saturating_sub(unused as usize)
}
