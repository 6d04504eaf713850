//! The header's `alg`, which the attacker writes: none at all, a shared secret that is no secret, or another algorithm
//! than the key is meant for (RFC 8725 §2.1, §3.1, §3.2).

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{super::token::joined, Table};
use crate::Reason;

pub(super) fn rows(table: &mut Table<'_>) {
    none(table);
    spellings(table);
    shared_secrets(table);
    same_key(table);
    other_keys(table);
}

fn none(table: &mut Table<'_>) {
    for alg in
        ["none", "None", "NONE", "nOnE", "NoNe", "none ", " none", "none\0", "n\u{43e}ne", "null", "", " "]
    {
        let token = |signature: &[u8]| table.token().header("alg", json!(alg)).mint_with_signature(signature);
        let (bare, short) = (token(&[]), token(&[0]));
        let signed = table.token().header("alg", json!(alg)).mint();
        table.refused(&format!("alg {alg:?} without a signature"), bare, Reason::Algorithm);
        table.refused(&format!("alg {alg:?} with a signature of one byte"), short, Reason::Algorithm);
        table.refused(&format!("alg {alg:?}, well signed"), signed, Reason::Algorithm);
    }
    let unsigned = table.token().mint_with_signature(&[]);
    for (name, signature) in
        [("nothing", ""), ("a blank", " "), ("a dot", "."), ("=", "="), ("(null)", "(null)")]
    {
        table.refused(
            &format!("alg RS256 with {name} for a signature"),
            format!("{unsigned}{signature}"),
            Reason::Malformed,
        );
    }
    for text in ["null", "none", "AA", "undefined000"] {
        table.refused(
            &format!("alg RS256 with {text} for a signature"),
            format!("{unsigned}{text}"),
            Reason::Signature,
        );
    }
}

fn spellings(table: &mut Table<'_>) {
    for alg in [
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "RS256\n",
        "RS-256",
        "RSA256",
        "ＲＳ256",
        "SHA256withRSA",
        "RS256,none",
    ] {
        let token = table.token().header("alg", json!(alg)).mint();
        table.refused(&format!("RS256 spelled {alg:?}"), token, Reason::Algorithm);
    }
    for (alg, reason) in [
        (Value::Null, Reason::Algorithm),
        (json!(256), Reason::Malformed),
        (json!(true), Reason::Malformed),
        (json!(["RS256"]), Reason::Malformed),
        (json!({ "name": "RS256" }), Reason::Malformed),
    ] {
        let token = table.token().header("alg", alg.clone()).mint();
        table.refused(&format!("the alg {alg}"), token, reason);
    }
    let missing = table.token().without_header("alg").mint();
    table.refused("no alg", missing, Reason::Algorithm);
    let capital = table.token().without_header("alg").header("ALG", json!("RS256")).mint();
    table.refused("alg spelled ALG", capital, Reason::Algorithm);
}

/// HMAC with what everybody has: a verifier that takes its key for whatever `alg` says would accept it.
fn shared_secrets(table: &mut Table<'_>) {
    let key = table.issuer.signing_key();
    let pem = key.public_pem();
    let secrets: Vec<(&str, Vec<u8>)> = vec![
        ("the public key as PEM", pem.clone().into_bytes()),
        ("the public key as PEM without its last line break", pem.trim_end().as_bytes().to_vec()),
        ("the public key as DER", key.public_der()),
        ("the public key as JWK", json!(key.jwk).to_string().into_bytes()),
        ("the key set", table.issuer.jwks().into_bytes()),
        ("the modulus", key.modulus()),
        ("the modulus as text", URL_SAFE_NO_PAD.encode(key.modulus()).into_bytes()),
        ("the kid", table.issuer.kid().into_bytes()),
        ("nothing", Vec::new()),
        ("a zero", vec![0]),
        ("the word secret", b"secret".to_vec()),
    ];
    for (name, secret) in secrets {
        let algorithms =
            [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)];
        for (alg, algorithm) in algorithms {
            let message = table.token().header("alg", json!(alg)).message();
            let code = hmac::sign(&hmac::Key::new(algorithm, &secret), message.as_bytes());
            table.refused(
                &format!("{alg} with {name} as secret"),
                joined(&message, code.as_ref()),
                Reason::Algorithm,
            );
        }
        let message = table.token().message();
        let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        let name = format!("RS256 that is HS256 with {name} as secret");
        table.refused(&name, joined(&message, code.as_ref()), Reason::Signature);
    }
}

/// The issuer's own key, really used with another algorithm: what it signs for others is no token here.
fn same_key(table: &mut Table<'_>) {
    let key = table.issuer.signing_key();
    let schemes: [(&str, &'static dyn RsaEncoding); 5] = [
        ("PS256", &RSA_PSS_SHA256),
        ("PS384", &RSA_PSS_SHA384),
        ("PS512", &RSA_PSS_SHA512),
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
    ];
    for (alg, scheme) in schemes {
        let message = table.token().header("alg", json!(alg)).message();
        let token = joined(&message, &key.sign_as(scheme, message.as_bytes()));
        table.refused(&format!("{alg}, really made with the issuer's key"), token, Reason::Algorithm);
        let claimed = table.token().header("alg", json!(alg)).mint();
        table.refused(&format!("{alg} that is RS256"), claimed, Reason::Algorithm);
        let message = table.token().message();
        let token = joined(&message, &key.sign_as(scheme, message.as_bytes()));
        table.refused(&format!("RS256 that is {alg}"), token, Reason::Signature);
    }
}

/// Keys of the attacker under the name of the issuer's.
fn other_keys(table: &mut Table<'_>) {
    let elliptic = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key can be made");
    let edwards = Ed25519KeyPair::generate().expect("a key can be made");
    let signed = |alg: &str, message: &str| match alg {
        "ES256" => {
            let made = elliptic.sign(&SystemRandom::new(), message.as_bytes()).expect("a key can sign");
            signature::Signature::as_ref(&made).to_vec()
        }
        _ => edwards.sign(message.as_bytes()).as_ref().to_vec(),
    };
    for alg in ["ES256", "EdDSA"] {
        let message = table.token().header("alg", json!(alg)).message();
        let token = joined(&message, &signed(alg, &message));
        table.refused(&format!("{alg} by another key"), token, Reason::Algorithm);
        let message = table.token().message();
        let token = joined(&message, &signed(alg, &message));
        table.refused(&format!("RS256 that is {alg}"), token, Reason::Signature);
    }
    // CVE-2022-21449: a signature of zeros, which some verifiers of ECDSA have accepted for everything.
    let zeros = table.token().header("alg", json!("ES256")).mint_with_signature(&[0; 64]);
    table.refused("ES256 with a signature of zeros", zeros, Reason::Algorithm);
    for alg in [
        "ES384",
        "ES512",
        "ES256K",
        "Ed25519",
        "ESB256",
        "RS1",
        "RSA1_5",
        "RSA-OAEP",
        "dir",
        "PBES2-HS256+A128KW",
        "A256GCMKW",
        "ML-DSA-65",
    ] {
        let token = table.token().header("alg", json!(alg)).header("p2c", json!(2_000_000_000)).mint();
        table.refused(&format!("alg {alg}"), token, Reason::Algorithm);
    }
}
