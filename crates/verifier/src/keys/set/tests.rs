//! What makes a key, and what makes a whole set, be of no use.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KeySet, SetFault};
use crate::{
    Algorithm, Limits,
    testing::{Issuer, TestClock},
};

/// A key in order, to be spoiled.
fn key(kid: &str) -> Value {
    let issuer = Issuer::new("https://auth.example", Arc::new(TestClock::default()));
    let mut key = serde_json::to_value(&issuer.key_set().keys[0]).unwrap();
    key["kid"] = kid.into();
    key
}

fn parse(document: &str) -> Result<KeySet, SetFault> {
    KeySet::parse(document.as_bytes(), &[Algorithm::Rs256], &Limits::default())
}

/// The names of the usable keys among these.
fn usable(keys: &[Value]) -> Result<Vec<String>, SetFault> {
    let set = parse(&json!({ "keys": keys }).to_string())?;
    Ok(set.keys.into_iter().map(|key| key.kid).collect())
}

/// What a set comes to that holds one key in order and `spoiled`, made of another by setting `name` to `value`.
fn beside_a_good_one(name: &str, value: Value) -> Result<Vec<String>, SetFault> {
    let mut spoiled = key("spoiled");
    spoiled[name] = value;
    usable(&[key("good"), spoiled])
}

fn only_the_good_one() -> Vec<String> {
    vec!["good".to_owned()]
}

/// A modulus of so many bits without small factors: a power of two plus the first odd number that makes it one.
fn modulus(bits: usize) -> String {
    let mut bytes = vec![0; bits.div_ceil(8)];
    bytes[0] = 1 << ((bits - 1) % 8);
    let end = bytes.len() - 2;
    let is_sound = |bytes: &[u8]| {
        let remainder = |by: u32| bytes.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % by);
        (2..1024).all(|divisor| remainder(divisor) != 0)
    };
    for odd in (1_u16..).step_by(2) {
        bytes[end..].copy_from_slice(&odd.to_be_bytes());
        if is_sound(&bytes) {
            break;
        }
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn keys_in_order_are_found_by_issuer_and_name() {
    let set = parse(&json!({ "keys": [key("a"), key("b")] }).to_string()).unwrap();
    assert_eq!(set.len(), 2);
    assert!(set.find("a").is_some() && set.find("b").is_some());
    assert!(set.find("c").is_none());
}

#[test]
fn alg_use_and_operations_may_be_left_out() {
    let mut bare = key("a");
    for name in ["alg", "use"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(usable(&[bare.clone()]), Ok(vec!["a".to_owned()]));
    bare["key_ops"] = json!(["verify"]);
    bare["x5c"] = json!(["ignored"]);
    assert_eq!(usable(&[bare]), Ok(vec!["a".to_owned()]));
}

#[test]
fn a_foreign_key_is_ignored() {
    for (name, value) in [
        ("kty", json!("EC")),
        ("kty", json!("OKP")),
        ("kty", json!("rsa")),
        ("alg", json!("RS512")),
        ("alg", json!("PS256")),
        ("alg", json!("RSA-OAEP")),
        ("alg", json!("HS256")),
        ("use", json!("enc")),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!([])),
    ] {
        assert_eq!(beside_a_good_one(name, value.clone()), Ok(only_the_good_one()), "{name}: {value}");
    }
}

#[test]
fn a_key_without_a_name_is_ignored() {
    for value in [Value::Null, json!(""), json!("k".repeat(129))] {
        assert_eq!(beside_a_good_one("kid", value.clone()), Ok(only_the_good_one()), "{value}");
    }
}

#[test]
fn rsa_sizes_outside_the_range_are_ignored() {
    for bits in [512, 1024, 2047, 4097, 8192] {
        assert_eq!(beside_a_good_one("n", modulus(bits).into()), Ok(only_the_good_one()), "{bits}");
    }
    for bits in [2048, 2049, 3072, 4096] {
        assert_eq!(beside_a_good_one("n", modulus(bits).into()).unwrap().len(), 2, "{bits}");
    }
}

#[test]
fn only_the_exponent_65537() {
    for (what, bytes) in [("1", &[1][..]), ("3", &[3]), ("65535", &[255, 255]), ("2^32+1", &[1, 0, 0, 0, 1])]
    {
        assert_eq!(
            beside_a_good_one("e", URL_SAFE_NO_PAD.encode(bytes).into()),
            Ok(only_the_good_one()),
            "{what}"
        );
    }
}

#[test]
fn a_key_of_ours_that_cannot_be_read_refuses_the_set() {
    let n = key("a")["n"].as_str().unwrap().to_owned();
    for (name, value) in [
        ("n", json!("")),
        ("n", Value::Null),
        ("n", json!(format!("{n}="))),
        ("n", json!(format!("AA{n}"))),
        ("n", json!(n.replace(n.chars().next().unwrap(), "+"))),
        ("e", json!("")),
        ("e", Value::Null),
        ("e", json!("AAEAAQ")),
        ("e", json!("AQAB=")),
    ] {
        assert_eq!(beside_a_good_one(name, value.clone()), Err(SetFault::MalformedKey), "{name}: {value}");
    }
}

#[test]
fn a_private_or_symmetric_member_anywhere_refuses_the_set() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!(""), Value::Null, json!([])] {
            assert_eq!(
                beside_a_good_one(name, value.clone()),
                Err(SetFault::SecretPublished),
                "{name}: {value}"
            );
        }
    }
    assert_eq!(beside_a_good_one("kty", json!("oct")), Err(SetFault::SecretPublished));
    let foreign =
        json!({ "kty": "EC", "use": "enc", "kid": "e", "crv": "P-256", "x": "", "y": "", "d": "AQAB" });
    assert_eq!(usable(&[foreign, key("good")]), Err(SetFault::SecretPublished));
}

#[test]
fn a_name_used_twice_refuses_the_set() {
    assert_eq!(usable(&[key("a"), key("b"), key("a")]), Err(SetFault::DuplicateKid));
    let foreign = json!({ "kty": "EC", "kid": "a" });
    assert_eq!(usable(&[key("a"), foreign]), Err(SetFault::DuplicateKid));
}

#[test]
fn thirty_two_keys_are_the_limit() {
    let keys: Vec<_> = (0..33).map(|number| key(&number.to_string())).collect();
    assert_eq!(usable(&keys[..32]).unwrap().len(), 32);
    assert_eq!(usable(&keys), Err(SetFault::TooManyKeys));
}

#[test]
fn sixty_four_kibibytes_are_the_limit() {
    let mut document = json!({ "keys": [key("a")] }).to_string();
    document.push_str(&" ".repeat(64 * 1024 - document.len()));
    assert!(parse(&document).is_ok());
    document.push(' ');
    assert_eq!(parse(&document).err(), Some(SetFault::TooLong));
}

#[test]
fn a_set_of_nothing_usable_is_refused() {
    assert_eq!(usable(&[]), Err(SetFault::NoUsableKey));
    assert_eq!(usable(&[json!({ "kty": "EC", "kid": "a" })]), Err(SetFault::NoUsableKey));
}

#[test]
fn what_is_not_a_key_set_is_refused() {
    let twice = format!(r#"{{"keys":[{}],"keys":[]}}"#, key("a"));
    let inner = format!(r#"{{"keys":[{}]}}"#, key("a").to_string().replacen('{', r#"{"kty":"RSA","#, 1));
    for document in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":null}"#,
        r#"{"keys":[null]}"#,
        r#"{"keys":[{}]}"#,
        r#"{"keys":[{"kty":1}]}"#,
        r#"{"keys":[{"kty":"RSA","kid":1}]}"#,
        "<html>",
        &twice,
        &inner,
    ] {
        assert_eq!(parse(document).err(), Some(SetFault::NotAKeySet), "{document}");
    }
}

proptest! {
    #[test]
    fn no_document_panics(document in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = KeySet::parse(&document, &[Algorithm::Rs256], &Limits::default());
    }

    #[test]
    fn no_member_panics(name in "kty|kid|use|alg|key_ops|n|e|x", text in ".{0,16}", number: i64) {
        for value in [json!(text), json!(number), json!([text]), json!({ "a": text })] {
            let _ = beside_a_good_one(&name, value);
        }
    }

    #[test]
    fn no_damage_panics_or_adds_a_key(position: prop::sample::Index, byte: u8) {
        let mut document = json!({ "keys": [key("a")] }).to_string().into_bytes();
        let position = position.index(document.len());
        document[position] = byte;
        if let Ok(set) = KeySet::parse(&document, &[Algorithm::Rs256], &Limits::default()) {
            prop_assert_eq!(set.len(), 1);
        }
    }
}
