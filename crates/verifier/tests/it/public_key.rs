//! JWTs that are no access tokens, under one key.

use std::{collections::BTreeMap, sync::Arc};

use identity::SystemClock;
use serde_json::{Value, json};
use verifier::{
    Algorithm, PublicKey, Reason, SetFault,
    testing::{HmacSecret, Issuer, TokenBuilder},
};

type Claims = BTreeMap<String, Value>;

fn party(algorithm: Algorithm) -> (Issuer, PublicKey) {
    let issuer = Issuer::signing_with(algorithm, "billing", Arc::new(SystemClock));
    let key = PublicKey::parse(&jwk(&issuer).to_string()).unwrap();
    (issuer, key)
}

fn jwk(issuer: &Issuer) -> Value {
    issuer.key_set().keys[0].clone()
}

fn assertion(issuer: &Issuer) -> TokenBuilder {
    issuer.token().header("typ", json!("JWT"))
}

fn open(key: &PublicKey, jwt: &str) -> Result<Claims, Reason> {
    key.open(jwt, &["JWT"])
}

#[test]
fn every_algorithm_opens_what_its_key_signed_and_nothing_else() {
    for algorithm in Algorithm::ALL {
        let (issuer, key) = party(algorithm);
        assert_eq!(key.algorithm(), algorithm);
        for jwt in [
            assertion(&issuer),
            assertion(&issuer).without_header("kid"),
            issuer.token().without_header("typ"),
        ] {
            assert_eq!(open(&key, &jwt.mint()).unwrap()["iss"], "billing");
        }
        let tampered = assertion(&issuer).mint_tampered("sub", json!("x"));
        assert_eq!(open(&key, &tampered), Err(Reason::Signature));
        issuer.rotate();
        assert_eq!(open(&key, &assertion(&issuer).mint()), Err(Reason::Signature));
    }
}

#[test]
fn headers_are_read_as_strictly_as_those_of_tokens() {
    let (issuer, key) = party(Algorithm::Rs256);
    for name in ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"] {
        let jwt = assertion(&issuer).header(name, Value::Null).mint();
        assert_eq!(open(&key, &jwt), Err(Reason::ForbiddenHeader), "{name}");
    }
    for typ in ["at+jwt", "logout+jwt", ""] {
        assert_eq!(
            open(&key, &assertion(&issuer).header("typ", json!(typ)).mint()),
            Err(Reason::Type),
            "{typ}"
        );
    }
    for secret in [HmacSecret::Pem, HmacSecret::Jwk] {
        assert_eq!(open(&key, &assertion(&issuer).mint_hmac(secret)), Err(Reason::Algorithm));
    }
    for alg in ["PS256", "ES256", "EdDSA", "none", "rs256"] {
        assert_eq!(
            open(&key, &assertion(&issuer).header("alg", json!(alg)).mint()),
            Err(Reason::Algorithm),
            "{alg}"
        );
    }
    assert!(open(&key, &assertion(&issuer).mint_unsigned()).is_err());
    let twice = assertion(&issuer).claims_text(r#"{"sub":"a","sub":"b"}"#).mint();
    assert_eq!(open(&key, &twice), Err(Reason::Malformed));
    assert_eq!(key.open::<Vec<u8>>(&assertion(&issuer).mint(), &["JWT"]), Err(Reason::Claims));
    assert_eq!(
        open(&key, &assertion(&issuer).claim("x", json!("x".repeat(8192))).mint()),
        Err(Reason::TooLong)
    );
}

#[test]
fn a_key_is_public_strong_and_for_one_algorithm() {
    let (issuer, _) = party(Algorithm::Rs256);
    let with = |name: &str, value: Value| {
        let mut jwk = jwk(&issuer);
        jwk[name] = value;
        PublicKey::parse(&jwk.to_string()).map(|key| key.algorithm())
    };
    assert_eq!(with("kid", json!("")), Ok(Algorithm::Rs256), "it needs no name");
    assert_eq!(with("alg", json!("PS256")), Ok(Algorithm::Ps256));
    assert_eq!(with("alg", json!("RS512")), Err(SetFault::NoUsableKey));
    assert_eq!(with("use", json!("enc")), Err(SetFault::NoUsableKey));
    assert_eq!(with("e", json!("Aw")), Err(SetFault::NoUsableKey));
    assert_eq!(with("n", json!("AQAB")), Err(SetFault::NoUsableKey));
    assert_eq!(with("n", json!("!")), Err(SetFault::MalformedKey));
    assert_eq!(with("d", json!("AQAB")), Err(SetFault::SecretPublished));
    let mut ambiguous = jwk(&issuer);
    ambiguous.as_object_mut().unwrap().remove("alg");
    assert_eq!(PublicKey::parse(&ambiguous.to_string()).err(), Some(SetFault::NoUsableKey));
    assert_eq!(PublicKey::parse(r#"{"kty":"oct","k":"AAAA"}"#).err(), Some(SetFault::SecretPublished));
    assert_eq!(PublicKey::parse(&issuer.jwks()).err(), Some(SetFault::NotAKeySet));
}
