//! Published keys in the form that programs without a notion of JWKs take.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    BigUint, RsaPublicKey,
    pkcs8::{EncodePublicKey, LineEnding},
};

/// A published key that cannot be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("n and e are not those of an RSA key, in base64url without padding")]
pub struct InvalidPublicKey;

/// The public key with the JWK members `n` and `e` (RFC 7518 §6.3.1) as PEM of a `SubjectPublicKeyInfo`
/// (RFC 7468 §13).
///
/// # Errors
/// When the two are not an RSA key.
pub fn public_key_pem(n: &str, e: &str) -> Result<String, InvalidPublicKey> {
    let number = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidPublicKey)?;
        Ok(BigUint::from_bytes_be(&bytes))
    };
    let key = RsaPublicKey::new(number(n)?, number(e)?).map_err(|_| InvalidPublicKey)?;
    key.to_public_key_pem(LineEnding::LF).map_err(|_| InvalidPublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 7515, appendix A.2.1, and what OpenSSL makes of it.
    const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
                     T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS\
                     -UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2et\
                     hFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

    #[test]
    fn a_key_is_exported_as_openssl_writes_it() {
        let pem = public_key_pem(N, "AQAB").unwrap();
        assert!(
            pem.starts_with(
                "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLj"
            ),
            "{pem}"
        );
        assert!(pem.ends_with("QIDAQAB\n-----END PUBLIC KEY-----\n"), "{pem}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (n, e) in [("", "AQAB"), ("AQAB", "AQAB"), (N, "AA"), (N, "!"), ("not base64", "AQAB")] {
            assert_eq!(public_key_pem(n, e), Err(InvalidPublicKey), "{n} {e}");
        }
    }
}
