//! One bad key beside the issuer's own: not for signatures, without a name or with one that is taken, of a wrong size,
//! weak, unreadable, private, or of another type (RFC 7517 §4, RFC 7518 §6.3).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    super::{super::token::joined, numbers},
    KID, Table,
};
use crate::{Reason, SetFault};

pub(super) fn rows(table: &mut Table<'_>) {
    foreign_purposes(table);
    names(table);
    sizes_and_exponents(table);
    weak_moduli(table);
    unreadable(table);
    secrets(table);
    other_types(table);
}

/// Keys that are published for something else than RS256 signatures (RFC 7517 §4.2–4.4).
fn foreign_purposes(table: &mut Table<'_>) {
    for members in [
        json!({ "use": "enc" }),
        json!({ "use": "SIG" }),
        json!({ "use": "" }),
        json!({ "alg": "RS384" }),
        json!({ "alg": "PS256" }),
        json!({ "alg": "RSA-OAEP-256" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "none" }),
        json!({ "alg": "" }),
        json!({ "key_ops": ["encrypt", "wrapKey"] }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": [] }),
        json!({ "use": "enc", "key_ops": ["verify"] }),
        json!({ "kty": "rsa" }),
        json!({ "kty": "RSA2" }),
    ] {
        let key = table.spoiled(members.clone());
        table.ignored(&format!("a key with {members}"), &key);
    }
}

fn names(table: &mut Table<'_>) {
    for (name, kid) in [
        ("without a name", Value::Null),
        ("with an empty name", json!("")),
        ("with a name of 129 bytes", json!("k".repeat(129))),
    ] {
        let key = table.spoiled(json!({ "kid": kid }));
        table.ignored(&format!("a key {name}"), &key);
    }
    let nameless = table.spoiled(json!({ "kid": null }));
    let jwks = json!({ "keys": [nameless, table.own] }).to_string();
    let token = table.token(KID).without_header("kid").mint();
    table.push("a key without a name for a token without one", jwks, None, token, Reason::KeyId);

    let own_kid = table.issuer.kid();
    let namesake = table.spoiled(json!({ "kid": own_kid }));
    let token = table.token(&own_kid).mint();
    for (name, keys) in [("first", json!([namesake, table.own])), ("last", json!([table.own, namesake]))] {
        let jwks = json!({ "keys": keys }).to_string();
        let name = format!("another key under the same name, {name}");
        table.push(&name, jwks, Some(SetFault::DuplicateKid), token.clone(), Reason::Signature);
    }
    let foreign = json!({ "kty": "EC", "crv": "P-256", "kid": own_kid, "x": "AA", "y": "AA" });
    table.refused("a key of another type under the same name", &foreign, SetFault::DuplicateKid);
    for kid in [json!(1), json!(["bad"]), json!({ "bad": 1 })] {
        let key = table.spoiled(json!({ "kid": kid }));
        table.refused(&format!("a key with the name {kid}"), &key, SetFault::NotAKeySet);
    }
}

fn sizes_and_exponents(table: &mut Table<'_>) {
    for bits in [8, 512, 768, 1024, 1536, 2047, 4097, 8192, 16_384] {
        let n = URL_SAFE_NO_PAD.encode(numbers::plain_modulus(bits));
        let key = table.spoiled(json!({ "n": n }));
        table.ignored(&format!("a modulus of {bits} bits"), &key);
    }
    for (name, e) in [
        ("2", "Ag"),
        ("3", "Aw"),
        ("17", "EQ"),
        ("65536", "AQAA"),
        ("65539", "AQAD"),
        ("2^64 + 1", "AQAAAAAAAAAB"),
    ] {
        let key = table.spoiled(json!({ "e": e }));
        table.ignored(&format!("the exponent {name}"), &key);
    }
    // Under the exponent 1 a signature is its own padded digest: anybody can make one.
    let key = table.spoiled(json!({ "e": "AQ" }));
    let token = table.token(KID);
    let message = token.message();
    let jwks = json!({ "keys": [key, table.own] }).to_string();
    let token = joined(&message, &numbers::padded_digest(&message, 256));
    table.push("the exponent 1 and a signature that fits", jwks, None, token, Reason::UnknownKey);
}

/// Moduli whose private half is no secret.
fn weak_moduli(table: &mut Table<'_>) {
    for factor in [2, 3, 101, 641] {
        let n = URL_SAFE_NO_PAD.encode(numbers::multiple_of(factor, 2048));
        let key = table.spoiled(json!({ "n": n }));
        table.ignored(&format!("a modulus with the factor {factor}"), &key);
    }
    for bits in [2048, 3072, 4096] {
        let n = URL_SAFE_NO_PAD.encode(numbers::roca_modulus(bits));
        let key = table.spoiled(json!({ "n": n }));
        table.ignored(&format!("a modulus of {bits} bits with the fingerprint of ROCA"), &key);
    }
}

/// Numbers that are not what they are announced to be (RFC 7518 §2).
fn unreadable(table: &mut Table<'_>) {
    let n = table.bad.get("n").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rows = [
        ("no modulus", json!({ "n": null })),
        ("an empty modulus", json!({ "n": "" })),
        ("a modulus of zero", json!({ "n": "AA" })),
        ("a modulus that starts with zero", json!({ "n": format!("AAAA{n}") })),
        ("a padded modulus", json!({ "n": format!("{n}==") })),
        ("a modulus with a blank", json!({ "n": format!("{n} ") })),
        ("a modulus in base64", json!({ "n": format!("+/{}", n.get(2..).unwrap_or_default()) })),
        ("a modulus in decimal digits and a dot", json!({ "n": "12345.678" })),
        ("no exponent", json!({ "e": null })),
        ("an empty exponent", json!({ "e": "" })),
        ("an exponent of zero", json!({ "e": "AA" })),
        ("an exponent that starts with zero", json!({ "e": "AAEAAQ" })),
        ("a padded exponent", json!({ "e": "AQAB==" })),
    ];
    for (name, members) in rows {
        let key = table.spoiled(members);
        table.refused(name, &key, SetFault::MalformedKey);
    }
    for (name, members) in [
        ("a modulus that is a number", json!({ "n": 12_345 })),
        ("an exponent that is a number", json!({ "e": 65_537 })),
        ("a modulus that is a list", json!({ "n": [1, 2, 3] })),
        ("a use that is a list", json!({ "use": ["sig"] })),
        ("operations that are a text", json!({ "key_ops": "verify" })),
        ("an alg that is a number", json!({ "alg": 256 })),
        ("a type that is a number", json!({ "kty": 1 })),
        ("no type", json!({ "kty": null })),
    ] {
        let key = table.spoiled(members);
        table.refused(name, &key, SetFault::NotAKeySet);
    }
}

/// What must never be published: whoever does so has lost control of the keys.
fn secrets(table: &mut Table<'_>) {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!(""), json!([])] {
            let key = table.spoiled(json!({ member: value }));
            table.refused(
                &format!("a key with the private member {member} {value}"),
                &key,
                SetFault::SecretPublished,
            );
        }
    }
    let null = table.spoiled(json!({})).to_string().replacen('{', r#"{"d":null,"#, 1);
    let jwks = format!(r#"{{"keys":[{null},{}]}}"#, table.own);
    table.document("a private member that is null", jwks, SetFault::SecretPublished);
    for symmetric in [
        json!({ "kty": "oct", "kid": KID, "k": "AAAA", "alg": "HS256" }),
        json!({ "kty": "oct", "kid": KID }),
        json!({ "kty": "EC", "crv": "P-256", "kid": KID, "x": "AA", "y": "AA", "d": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": KID, "x": "AA", "d": "AA", "use": "enc" }),
    ] {
        table.refused(&format!("the key {symmetric}"), &symmetric, SetFault::SecretPublished);
    }
}

/// Keys of other types do no harm, and serve nobody who is not trusted with them.
fn other_types(table: &mut Table<'_>) {
    for key in [
        json!({ "kty": "EC", "crv": "P-256", "kid": KID, "use": "sig", "x": "AA", "y": "AA" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": KID, "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": KID, "x": "AA" }),
        json!({ "kty": "AKP", "kid": KID, "alg": "ML-DSA-65", "pub": "AA" }),
        json!({ "kty": "" }),
        json!({ "kty": "none", "kid": KID }),
    ] {
        table.ignored(&format!("the key {key}"), &key);
    }
    let with_chain = table.spoiled(json!({ "use": "enc", "x5c": ["AAAA"], "x5u": "https://evil.example" }));
    table.ignored("a key with a certificate of its own, not for signatures", &with_chain);
}
