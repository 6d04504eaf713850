//! An RSA signing key: made once by `rsa`, parsed once by aws-lc-rs, named by its thumbprint.

use std::fmt;

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{Entropy, PublicJwk};
use rsa::{
    RsaPrivateKey,
    pkcs1::DecodeRsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey},
    rand_core,
};
use zeroize::Zeroizing;

/// Lengths of the modulus that may be configured, in bits. Verifiers refuse anything outside.
pub(crate) const BITS: [u32; 3] = [2048, 3072, 4096];
/// 65537, big-endian: the only public exponent in use.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// A key pair that signs.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    public: PublicJwk,
}

/// What went wrong with a key. Nothing here shows any part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("an RSA key could not be made")]
    NotMade,
    #[error("it is not a private key of RSA with 2048, 3072 or 4096 bits and exponent 65537")]
    Unusable,
    #[error("a signature could not be made")]
    NotSigned,
}

/// Makes a new private key of `bits` bits as PKCS#8. Takes from a tenth of a second to several: belongs off the
/// event loop.
pub(crate) fn generate(bits: u32, entropy: &dyn Entropy) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bits = usize::try_from(bits).map_err(|_| KeyError::NotMade)?;
    let key = RsaPrivateKey::new(&mut EntropyRng(entropy), bits).map_err(|_| KeyError::NotMade)?;
    Ok(key.to_pkcs8_der().map_err(|_| KeyError::NotMade)?.to_bytes())
}

/// A private key in PEM, PKCS#8 or PKCS#1 (RFC 7468 §10, RFC 8017 A.1.2), as PKCS#8.
pub(crate) fn from_pem(pem: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let key = RsaPrivateKey::from_pkcs8_pem(pem).or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem));
    let key = key.map_err(|_| KeyError::Unusable)?;
    key.validate().map_err(|_| KeyError::Unusable)?;
    Ok(key.to_pkcs8_der().map_err(|_| KeyError::Unusable)?.to_bytes())
}

impl SigningKey {
    /// Opens a private key from PKCS#8.
    pub(crate) fn open(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Unusable)?;
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero();
        let exponent = pair.public_key().exponent().big_endian_without_leading_zero();
        let bits = u32::try_from(modulus.len() * 8).map_err(|_| KeyError::Unusable)?;
        if !BITS.contains(&bits) || exponent != EXPONENT {
            return Err(KeyError::Unusable);
        }
        let (n, e) = (URL_SAFE_NO_PAD.encode(modulus), URL_SAFE_NO_PAD.encode(exponent));
        let thumbprint = digest::digest(&digest::SHA256, PublicJwk::thumbprint_input(&n, &e).as_bytes());
        let public = PublicJwk::rs256(URL_SAFE_NO_PAD.encode(thumbprint), n, e);
        Ok(Self { pair, public })
    }

    /// The half that is published. Its `kid` is the RFC 7638 thumbprint.
    pub(crate) fn public(&self) -> &PublicJwk {
        &self.public
    }

    /// The RS256 signature of `message` (RFC 7518 §3.3).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // PKCS #1 v1.5 signatures take no randomness; the argument is there for ring's sake.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::NotSigned)?;
        Ok(signature)
    }
}

/// Shows which key, never what is in it.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public.kid).finish()
    }
}

/// Lets `rsa` draw from the entropy that everything else draws from.
struct EntropyRng<'a>(&'a dyn Entropy);

impl rand_core::RngCore for EntropyRng<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl rand_core::CryptoRng for EntropyRng<'_> {}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
    use identity::SystemEntropy;

    use super::*;

    /// One key for all unit tests: making one is the slowest thing they do.
    pub(crate) static PKCS8: LazyLock<Zeroizing<Vec<u8>>> =
        LazyLock::new(|| generate(2048, &SystemEntropy).unwrap());

    #[test]
    fn the_published_half_verifies_what_the_private_half_signed() {
        let key = SigningKey::open(&PKCS8).unwrap();
        let signature = key.sign(b"message").unwrap();
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let public = RsaPublicKeyComponents { n: part(&key.public().n), e: part(&key.public().e) };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, b"message", &signature).unwrap();
        public.verify(&RSA_PKCS1_2048_8192_SHA256, b"massage", &signature).unwrap_err();
        assert_eq!((key.public().e.as_str(), part(&key.public().n).len()), ("AQAB", 256));
    }

    #[test]
    fn a_key_keeps_its_name_over_its_stored_form() {
        let (one, two) = (SigningKey::open(&PKCS8).unwrap(), SigningKey::open(&PKCS8).unwrap());
        assert_eq!(one.public(), two.public());
        assert_eq!(one.public().kid.len(), 43);
        assert_eq!(format!("{one:?}"), format!("SigningKey({:?})", one.public().kid));
    }

    #[test]
    fn weak_keys_and_garbage_are_refused() {
        let short = generate(1024, &SystemEntropy).unwrap();
        for bytes in [short.as_slice(), b"", b"garbage"] {
            assert_eq!(SigningKey::open(bytes).unwrap_err(), KeyError::Unusable);
        }
    }

    /// The example of RFC 7638 §3.1.
    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\
                 FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgn\
                 Yb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqb\
                 w0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let thumbprint = digest::digest(&digest::SHA256, PublicJwk::thumbprint_input(n, "AQAB").as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(thumbprint), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
