//! To which algorithm a key is bound, and what keys of each type must look like.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    Algorithm::{self, EdDsa, Es256, Ps256, Rs256},
    Limits,
    keys::{KeySet, SetFault},
};

/// RFC 7515 §A.2.1.
fn rsa() -> Value {
    json!({ "kty": "RSA", "kid": "rsa", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" })
}

/// RFC 7515 §A.3.1.
fn p256() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "kid": "p256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })
}

/// RFC 8037 §A.2.
fn ed25519() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

fn parse(key: &Value, trusted: &[Algorithm]) -> Result<KeySet, SetFault> {
    KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes(), trusted, &Limits::default())
}

/// The algorithm that `key` is bound to if its issuer is trusted with these.
fn bound(key: &Value, trusted: &[Algorithm]) -> Option<Algorithm> {
    let set = parse(key, trusted).ok()?;
    set.find(key["kid"].as_str().unwrap()).map(|key| key.algorithm)
}

fn with(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
    key[name] = value.into();
    key
}

/// Whether `key` verifies the JWS in compact form.
fn verifies(key: &Value, trusted: Algorithm, jws: &str) -> bool {
    let (message, signature) = jws.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let set = parse(key, &[trusted]).unwrap();
    set.find(key["kid"].as_str().unwrap()).unwrap().verifies(message.as_bytes(), &signature)
}

#[test]
fn the_examples_of_the_standards_verify() {
    for (key, algorithm, jws) in [
        (
            rsa(),
            Rs256,
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ),
        (
            p256(),
            Es256,
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
        (
            ed25519(),
            EdDsa,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        ),
    ] {
        assert!(verifies(&key, algorithm, jws), "{algorithm}");
        assert!(!verifies(&key, algorithm, &jws.replacen("eyJ", "eyK", 1)), "{algorithm}");
    }
}

#[test]
fn a_key_without_alg_is_bound_when_its_type_leaves_one_choice() {
    for (key, trusted, algorithm) in [
        (rsa(), &[Rs256][..], Some(Rs256)),
        (rsa(), &[Ps256], Some(Ps256)),
        (rsa(), &[EdDsa, Ps256, Es256], Some(Ps256)),
        (rsa(), &[Ps256, Ps256], Some(Ps256)),
        (rsa(), &[Rs256, Ps256], None),
        (rsa(), &[Es256, EdDsa], None),
        (p256(), &Algorithm::ALL, Some(Es256)),
        (p256(), &[Rs256, Ps256, EdDsa], None),
        (ed25519(), &Algorithm::ALL, Some(EdDsa)),
        (ed25519(), &[Rs256, Ps256, Es256], None),
    ] {
        assert_eq!(bound(&key, trusted), algorithm, "{} among {trusted:?}", key["kid"]);
    }
}

#[test]
fn alg_decides_among_those_trusted_and_fits_the_type() {
    for (key, fitting) in [(rsa(), &[Rs256, Ps256][..]), (p256(), &[Es256]), (ed25519(), &[EdDsa])] {
        for alg in Algorithm::ALL {
            let named = with(key.clone(), "alg", alg.as_str());
            let expected = fitting.contains(&alg).then_some(alg);
            assert_eq!(bound(&named, &Algorithm::ALL), expected, "{alg} for {}", key["kid"]);
            let others: Vec<_> = Algorithm::ALL.into_iter().filter(|other| *other != alg).collect();
            assert_eq!(bound(&named, &others), None, "{alg} is not trusted");
        }
        for alg in ["", "none", "HS256", "RS384", "PS512", "ES384", "ES256K", "eddsa", "rs256"] {
            assert_eq!(bound(&with(key.clone(), "alg", alg), &Algorithm::ALL), None, "{alg}");
        }
    }
}

#[test]
fn other_curves_are_foreign() {
    for (key, curves) in [
        (p256(), ["P-384", "P-521", "secp256k1", "p-256", "Ed25519", ""]),
        (ed25519(), ["Ed448", "X25519", "X448", "ed25519", "P-256", ""]),
    ] {
        for curve in curves {
            let outcome = parse(&with(key.clone(), "crv", curve), &Algorithm::ALL);
            assert_eq!(outcome.err(), Some(SetFault::NoUsableKey), "{curve}");
        }
        let mut key = key;
        key.as_object_mut().unwrap().remove("crv");
        assert_eq!(parse(&key, &Algorithm::ALL).err(), Some(SetFault::NoUsableKey));
    }
}

#[test]
fn use_and_operations_matter_for_every_type() {
    for key in [with(rsa(), "alg", "PS256"), p256(), ed25519()] {
        assert!(bound(&with(key.clone(), "use", "sig"), &Algorithm::ALL).is_some());
        assert!(bound(&with(key.clone(), "key_ops", json!(["verify"])), &Algorithm::ALL).is_some());
        assert_eq!(bound(&with(key.clone(), "use", "enc"), &Algorithm::ALL), None);
        assert_eq!(bound(&with(key.clone(), "key_ops", json!(["deriveKey"])), &Algorithm::ALL), None);
        let secret = parse(&with(key, "d", "AA"), &Algorithm::ALL);
        assert_eq!(secret.err(), Some(SetFault::SecretPublished));
    }
}

#[test]
fn coordinates_have_the_length_of_the_curve() {
    for (key, names) in [(p256(), &["x", "y"][..]), (ed25519(), &["x"])] {
        for name in names {
            let bytes = URL_SAFE_NO_PAD.decode(key[*name].as_str().unwrap()).unwrap();
            let longer = [&[0][..], &bytes].concat();
            for spoiled in [
                json!(URL_SAFE_NO_PAD.encode(&bytes[1..])),
                json!(URL_SAFE_NO_PAD.encode(longer)),
                json!(format!("{}=", key[*name].as_str().unwrap())),
                json!(""),
                Value::Null,
            ] {
                let outcome = parse(&with(key.clone(), name, spoiled.clone()), &Algorithm::ALL);
                assert_eq!(outcome.err(), Some(SetFault::MalformedKey), "{name}: {spoiled}");
            }
        }
    }
}

#[test]
fn a_point_beside_the_curve_refuses_the_set() {
    let encode = |bytes: [u8; 32]| URL_SAFE_NO_PAD.encode(bytes);
    let mut y: [u8; 32] = URL_SAFE_NO_PAD.decode(p256()["y"].as_str().unwrap()).unwrap().try_into().unwrap();
    y[31] ^= 1;
    let infinity = with(with(p256(), "x", encode([0; 32])), "y", encode([0; 32]));
    // Coordinates are below the field's prime.
    let unreduced = with(p256(), "x", encode([0xff; 32]));
    for key in [with(p256(), "y", encode(y)), infinity, unreduced] {
        assert_eq!(parse(&key, &[Es256]).err(), Some(SetFault::MalformedKey), "{key}");
    }
}

#[test]
fn a_weak_key_is_ignored_and_the_others_are_not() {
    let identity = with(ed25519(), "x", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let even = with(rsa(), "n", rsa()["n"].as_str().unwrap().replace("uXpoQ", "uXpoA"));
    for weak in [identity, even] {
        let document = json!({ "keys": [weak, p256()] }).to_string();
        let set = KeySet::parse(document.as_bytes(), &[Rs256, Es256, EdDsa], &Limits::default()).unwrap();
        assert!(set.len() == 1 && set.find("p256").is_some(), "{weak}");
        assert_eq!(parse(&weak, &[Rs256, EdDsa]).err(), Some(SetFault::NoUsableKey));
    }
}
