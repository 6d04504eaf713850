//! Throwaway keys for every algorithm. The only place of this crate that names a private-key type.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::{
    digest,
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaEncoding,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use crate::Algorithm;

/// How many keys of each type are shared by all issuers of a process.
const SHARED: usize = 4;

/// A key pair with its published form.
pub(super) struct SigningKey {
    pair: Pair,
    pub(super) algorithm: Algorithm,
    /// The key's name: its RFC 7638 thumbprint.
    pub(super) kid: String,
    /// The public key as it is published.
    pub(super) jwk: Value,
}

enum Pair {
    Rsa(Arc<KeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// The `number`th key of this process for `algorithm`. Making one takes a moment, so the first few are made once
    /// and shared. Those for RS256 and PS256 are the same RSA keys under the same names.
    pub(super) fn numbered(algorithm: Algorithm, number: usize) -> Arc<Self> {
        static KEYS: [[OnceLock<Arc<SigningKey>>; SHARED]; Algorithm::ALL.len()] =
            [const { [const { OnceLock::new() }; SHARED] }; Algorithm::ALL.len()];
        let make = || Arc::new(Self::new(algorithm, number));
        let slot = KEYS.get(algorithm as usize).and_then(|keys| keys.get(number));
        slot.map_or_else(make, |slot| Arc::clone(slot.get_or_init(make)))
    }

    fn new(algorithm: Algorithm, number: usize) -> Self {
        let pair = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => Pair::Rsa(rsa(number)),
            Algorithm::Es256 => Pair::P256(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key can be made"),
            ),
            Algorithm::EdDsa => {
                Pair::Ed25519(Ed25519KeyPair::generate().expect("an Ed25519 key can be made"))
            }
        };
        let numbers = pair.numbers();
        let thumbprint = digest::digest(&digest::SHA256, numbers.to_string().as_bytes());
        let kid = URL_SAFE_NO_PAD.encode(thumbprint);
        let mut jwk = numbers;
        let members = jwk.as_object_mut().expect("a key is an object");
        for (name, value) in [("kid", kid.as_str()), ("alg", algorithm.as_str()), ("use", "sig")] {
            members.insert(name.to_owned(), value.into());
        }
        Self { pair, algorithm, kid, jwk }
    }

    pub(super) fn sign(&self, message: &str) -> Vec<u8> {
        let message = message.as_bytes();
        match &self.pair {
            Pair::Rsa(_) if self.algorithm == Algorithm::Ps256 => self.sign_as(&RSA_PSS_SHA256, message),
            Pair::Rsa(_) => self.sign_as(&RSA_PKCS1_SHA256, message),
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).expect("a key can sign").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Signs by a scheme of RSA that the key need not be meant for.
    pub(super) fn sign_as(&self, scheme: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let pair = self.rsa();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(scheme, &SystemRandom::new(), message, &mut signature).expect("a key can sign");
        signature
    }

    fn rsa(&self) -> &KeyPair {
        let rsa = if let Pair::Rsa(pair) = &self.pair { Some(pair) } else { None };
        rsa.expect("a key of RSA")
    }

    /// The modulus of an RSA key, big-endian.
    pub(super) fn modulus(&self) -> Vec<u8> {
        self.rsa().public_key().modulus().big_endian_without_leading_zero().to_vec()
    }

    /// The public key as DER (`SubjectPublicKeyInfo`, RFC 5280 §4.1.2.7).
    pub(super) fn public_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::P256(pair) => pair.public_key().as_der(),
            Pair::Ed25519(pair) => pair.public_key().as_der(),
        }
        .expect("a public key has a DER form");
        der.as_ref().to_vec()
    }

    /// The public key as people paste it around, which is what makes it an HMAC secret for attackers.
    pub(super) fn public_pem(&self) -> String {
        let base64 = STANDARD.encode(self.public_der());
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

impl Pair {
    /// The members that make up the public key (RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2), in the order in which they make
    /// up its name, too (RFC 7638 §3.2).
    fn numbers(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                let n = text(public.modulus().big_endian_without_leading_zero());
                let e = text(public.exponent().big_endian_without_leading_zero());
                json!({ "e": e, "kty": "RSA", "n": n })
            }
            Self::P256(pair) => {
                // 4, x, y (SEC 1 §2.3.3).
                let coordinates = pair.public_key().as_ref().get(1..).expect("a point in full");
                let (x, y) = coordinates.split_at(32);
                json!({ "crv": "P-256", "kty": "EC", "x": text(x), "y": text(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": text(pair.public_key().as_ref()) })
            }
        }
    }
}

fn rsa(number: usize) -> Arc<KeyPair> {
    static PAIRS: [OnceLock<Arc<KeyPair>>; SHARED] = [const { OnceLock::new() }; SHARED];
    let make = || Arc::new(KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made"));
    PAIRS.get(number).map_or_else(make, |slot| Arc::clone(slot.get_or_init(make)))
}
