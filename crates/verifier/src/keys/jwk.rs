//! One JSON Web Key (RFC 7517 §4): usable here, foreign, or a reason to refuse its whole set.
//! Where next: `key`, which it becomes, and `weak`, which turns some away.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    SetFault,
    key::{Key, Numbers},
    weak,
};
use crate::{Algorithm, Limits, base64url, json::Presence};

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
    crv: Option<Cow<'a, str>>,
    x: Option<Cow<'a, str>>,
    y: Option<Cow<'a, str>>,
    // The private parts of RSA, EC and OKP keys (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2) and a symmetric key
    // (RFC 7518 §6.4.1). Their values are never read.
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

impl RawJwk<'_> {
    /// Whether this publishes what must never be public. Its owner has lost a secret: nothing of the set is
    /// believed any more.
    fn is_secret(&self) -> bool {
        let secrets = [self.d, self.p, self.q, self.dp, self.dq, self.qi, self.oth, self.k];
        self.kty == "oct" || secrets.contains(&Presence(true))
    }

    /// Whether the key is published to verify signatures. `use` and `key_ops` may be left out (RFC 7517 §4.2–4.3),
    /// but must not say otherwise.
    fn is_for_verifying(&self) -> bool {
        let verifies =
            |operations: &Vec<Cow<'_, str>>| operations.iter().any(|operation| operation == "verify");
        self.usage.as_ref().is_none_or(|usage| usage == "sig") && self.key_ops.as_ref().is_none_or(verifies)
    }

    /// The algorithms that keys of this type can be used with.
    fn candidates(&self) -> &'static [Algorithm] {
        match (self.kty.as_ref(), self.crv.as_deref()) {
            ("RSA", _) => &[Algorithm::Rs256, Algorithm::Ps256],
            ("EC", Some("P-256")) => &[Algorithm::Es256],
            ("OKP", Some("Ed25519")) => &[Algorithm::EdDsa],
            _ => &[],
        }
    }

    /// The one algorithm the key is for: what `alg` says (RFC 7517 §4.4), or what its type leaves open if that is
    /// just one of those `trusted`. Never what a token says.
    fn algorithm(&self, trusted: &[Algorithm]) -> Option<Algorithm> {
        let mut possible = self
            .candidates()
            .iter()
            .copied()
            .filter(|algorithm| trusted.contains(algorithm))
            .filter(|algorithm| self.alg.as_ref().is_none_or(|alg| alg == algorithm.as_str()));
        let only = possible.next()?;
        possible.next().is_none().then_some(only)
    }

    /// The key, or `None` if it is of no use here and to be ignored (RFC 7517 §5): another type, algorithm or use,
    /// no name that a token could call it by, a size or exponent that is not supported, or numbers known to be weak.
    pub(super) fn parse(self, trusted: &[Algorithm], limits: &Limits) -> Result<Option<Key>, SetFault> {
        if self.is_secret() {
            return Err(SetFault::SecretPublished);
        }
        let Some(algorithm) = self.algorithm(trusted).filter(|_| self.is_for_verifying()) else {
            return Ok(None);
        };
        let Some(kid) = self.kid.as_deref().filter(|kid| !kid.is_empty() && kid.len() <= limits.kid_bytes)
        else {
            return Ok(None);
        };
        let numbers = self.numbers(algorithm)?;
        if !is_supported(&numbers, limits) {
            return Ok(None);
        }
        if let Some(weakness) = weak::find(&numbers) {
            tracing::warn!(%kid, %weakness, "a published key is ignored, because signatures under it prove nothing");
            return Ok(None);
        }
        let key = Key::parse(kid.to_owned(), algorithm, &numbers).ok_or(SetFault::MalformedKey)?;
        Ok(Some(key))
    }

    fn numbers(&self, algorithm: Algorithm) -> Result<Numbers, SetFault> {
        Ok(match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Numbers::Rsa { n: number(self.n.as_deref())?, e: number(self.e.as_deref())? }
            }
            Algorithm::Es256 => {
                Numbers::P256 { x: coordinate(self.x.as_deref())?, y: coordinate(self.y.as_deref())? }
            }
            Algorithm::EdDsa => Numbers::Ed25519 { x: coordinate(self.x.as_deref())? },
        })
    }
}

/// Curves have one size; of RSA, some sizes and one exponent are supported.
fn is_supported(numbers: &Numbers, limits: &Limits) -> bool {
    match numbers {
        Numbers::Rsa { n, e } => {
            *e == [1, 0, 1] && (limits.rsa_bits_least..=limits.rsa_bits_most).contains(&bits(n))
        }
        Numbers::P256 { .. } | Numbers::Ed25519 { .. } => true,
    }
}

/// A `Base64urlUInt`: base64url of a big-endian number without leading zero bytes (RFC 7518 §2).
fn number(text: Option<&str>) -> Result<Vec<u8>, SetFault> {
    let bytes = decode(text)?;
    if bytes.first().is_none_or(|first| *first == 0) { Err(SetFault::MalformedKey) } else { Ok(bytes) }
}

/// A coordinate of a point, whose length depends on the curve alone: leading zeros are written out
/// (RFC 7518 §6.2.1.2, RFC 8037 §2).
fn coordinate(text: Option<&str>) -> Result<[u8; 32], SetFault> {
    decode(text)?.try_into().map_err(|_| SetFault::MalformedKey)
}

fn decode(text: Option<&str>) -> Result<Vec<u8>, SetFault> {
    base64url::decode(text.unwrap_or_default().as_bytes()).ok_or(SetFault::MalformedKey)
}

/// How many bits a number without leading zero bytes has.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    (number.len() * 8).saturating_sub(unused as usize)
}

#[cfg(test)]
mod tests;
