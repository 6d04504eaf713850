//! A public key, bound to one algorithm and parsed once. Where next: `set`, which holds them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};

use crate::Algorithm;

/// What comes before the two coordinates of a point that is written out in full (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A public key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(super) kid: String,
    /// The one algorithm it verifies (RFC 8725 §3.1). A token that names another is refused before this is asked.
    pub(crate) algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

/// The numbers of a key as they are published, read but not yet judged by the library that will use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Modulus and public exponent, big-endian without leading zeros (RFC 7518 §6.3.1).
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point of P-256 (RFC 7518 §6.2.1).
    P256 { x: [u8; 32], y: [u8; 32] },
    /// A point of edwards25519, encoded (RFC 8037 §2).
    Ed25519 { x: [u8; 32] },
}

impl Key {
    /// The key, or `None` if its numbers are no key for `algorithm`: a point beside the curve, or another type.
    pub(super) fn parse(kid: String, algorithm: Algorithm, numbers: &Numbers) -> Option<Self> {
        let parsed = match (algorithm, numbers) {
            (Algorithm::Rs256, Numbers::Rsa { n, e }) => rsa(&RSA_PKCS1_2048_8192_SHA256, n, e),
            // Of PSS, the salt must be as long as the hash (RFC 7518 §3.5), which this one insists on.
            (Algorithm::Ps256, Numbers::Rsa { n, e }) => rsa(&RSA_PSS_2048_8192_SHA256, n, e),
            // Signatures are r and s, 32 bytes each, and not DER (RFC 7518 §3.4).
            (Algorithm::Es256, Numbers::P256 { x, y }) => {
                let point = [&[UNCOMPRESSED][..], x, y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
            }
            (Algorithm::EdDsa, Numbers::Ed25519 { x }) => ParsedPublicKey::new(&ED25519, x).ok(),
            _ => None,
        };
        Some(Self { kid, algorithm, parsed: parsed? })
    }

    /// Whether `signature` over `message` was made with this key's private half (RFC 7515 §5.2).
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

fn rsa(parameters: &'static RsaParameters, n: &[u8], e: &[u8]) -> Option<ParsedPublicKey> {
    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
}
