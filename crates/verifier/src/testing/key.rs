//! Throwaway RSA keys. The only place of this crate that names a private-key type.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::{
    digest,
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use identity::PublicJwk;

/// A key pair of 2,048 bits with its published form.
pub(super) struct SigningKey {
    pair: KeyPair,
    pub(super) jwk: PublicJwk,
}

impl SigningKey {
    /// The `number`th key of this process. Making one takes a moment, so the first few are made once and shared.
    pub(super) fn numbered(number: usize) -> Arc<Self> {
        static SHARED: [OnceLock<Arc<SigningKey>>; 4] = [const { OnceLock::new() }; 4];
        let make = || Arc::new(Self::generate());
        SHARED.get(number).map_or_else(make, |slot| Arc::clone(slot.get_or_init(make)))
    }

    fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made");
        let public = pair.public_key();
        let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        let thumbprint = digest::digest(&digest::SHA256, PublicJwk::thumbprint_input(&n, &e).as_bytes());
        let jwk = PublicJwk::rs256(URL_SAFE_NO_PAD.encode(thumbprint), n, e);
        Self { pair, jwk }
    }

    pub(super) fn sign(&self, message: &str) -> Vec<u8> {
        self.sign_as(&RSA_PKCS1_SHA256, message)
    }

    /// Signs by another scheme than the key is meant for.
    pub(super) fn sign_as(&self, scheme: &'static dyn RsaEncoding, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(scheme, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("a key can sign");
        signature
    }

    /// The modulus, big-endian.
    pub(super) fn modulus(&self) -> Vec<u8> {
        self.pair.public_key().modulus().big_endian_without_leading_zero().to_vec()
    }

    /// The public key as DER (`SubjectPublicKeyInfo`, RFC 5280 §4.1.2.7).
    pub(super) fn public_der(&self) -> Vec<u8> {
        self.pair.public_key().as_der().expect("a public key has a DER form").as_ref().to_vec()
    }

    /// The public key as people paste it around, which is what makes it an HMAC secret for attackers.
    pub(super) fn public_pem(&self) -> String {
        let base64 = STANDARD.encode(self.public_der());
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}
