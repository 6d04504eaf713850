//! The limit: nothing but the signature of each token, verified with a key that was parsed once. Where next: `miss`.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use verifier::testing::Issuer;

use crate::{Outcome, rounds::nanoseconds_each};

pub(crate) struct Limit {
    key: ParsedPublicKey,
    /// What is signed, and the signature.
    signed: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Limit {
    pub(crate) fn new(issuer: &Issuer, tokens: &[String]) -> Outcome<Self> {
        let set = issuer.key_set();
        let key = set.keys.first().ok_or("the issuer has no key")?;
        let (n, e) = (URL_SAFE_NO_PAD.decode(&key.n)?, URL_SAFE_NO_PAD.decode(&key.e)?);
        let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?;
        let signed = tokens.iter().map(|token| apart(token)).collect::<Outcome<_>>()?;
        let limit = Self { key, signed };
        if limit.signed.iter().all(|signed| limit.verifies(signed)) {
            Ok(limit)
        } else {
            Err("a bad token".into())
        }
    }

    fn verifies(&self, (message, signature): &(Vec<u8>, Vec<u8>)) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }

    pub(crate) fn turn(&self) -> Outcome<f64> {
        Ok(nanoseconds_each(&self.signed, |signed| self.verifies(signed)))
    }
}

fn apart(token: &str) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let (message, signature) = token.rsplit_once('.').ok_or("not a token")?;
    Ok((message.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(signature)?))
}
