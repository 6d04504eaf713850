//! Signatures that are not over this text, not by this key, or not a signature (RFC 8017 §8.2.2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{super::token::joined, Table, grammar::parts, hexadecimal, numbers};
use crate::Reason;

pub(super) fn rows(table: &mut Table<'_>) {
    other_keys(table);
    damaged(table);
    numbers(table);
    other_messages(table);
    tampered(table);
    swapped(table);
    known(table);
}

fn other_keys(table: &mut Table<'_>) {
    let by_stranger = table.token().signed_by(&table.stranger).mint();
    table.refused("another key under the issuer's kid", by_stranger, Reason::Signature);
    let stranger = table.stranger.token().audience([table.audience]).mint();
    table.refused("another key under its own kid", stranger, Reason::UnknownKey);
    // Same key and same kid, but not the issuer that is trusted.
    let namesake = table.token().claim("iss", json!("https://evil.example")).mint();
    table.refused("another issuer with the same key", namesake, Reason::Issuer);
    let both = table.token().claim("iss", json!("https://evil.example")).signed_by(&table.stranger).mint();
    table.refused("another issuer with another key under the same kid", both, Reason::Signature);
}

fn damaged(table: &mut Table<'_>) {
    let token = table.token();
    let message = token.message();
    let signature = table.issuer.signing_key().sign(&message);
    let (start, end) = signature.split_at(signature.len() - 1);
    let middle = signature.len() / 2;
    let flipped = |position: usize, bits: u8| {
        let flip = |(index, byte): (usize, &u8)| if index == position { byte ^ bits } else { *byte };
        signature.iter().enumerate().map(flip).collect::<Vec<_>>()
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("without its last byte", start.to_vec()),
        ("without its first byte", signature.iter().skip(1).copied().collect()),
        ("and a zero", [&signature[..], &[0]].concat()),
        ("and a byte FF", [&signature[..], &[0xff]].concat()),
        ("behind a zero", [&[0], &signature[..]].concat()),
        ("twice", [&signature[..], &signature[..]].concat()),
        ("backwards", signature.iter().rev().copied().collect()),
        ("of its last byte alone", end.to_vec()),
        ("with its first bit flipped", flipped(0, 0x80)),
        ("with a bit in the middle flipped", flipped(middle, 1)),
        ("with its last bit flipped", flipped(signature.len() - 1, 1)),
    ];
    for (name, bytes) in rows {
        table.refused(&format!("a good signature {name}"), joined(&message, &bytes), Reason::Signature);
    }
    let doubly_encoded = URL_SAFE_NO_PAD.encode(&signature);
    let token = joined(&message, doubly_encoded.as_bytes());
    table.refused("a good signature encoded twice", token, Reason::Signature);
}

/// Numbers with properties: what every key would verify if ranges and padding were not checked.
fn numbers(table: &mut Table<'_>) {
    let key = table.issuer.signing_key();
    let (message, modulus) = (table.token().message(), key.modulus());
    let signature = key.sign(&message);
    let fill = |byte: u8| vec![byte; modulus.len()];
    let small = |number: u8| {
        let mut bytes = fill(0);
        bytes.extend([number]);
        bytes.split_off(1)
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("0", fill(0)),
        ("0, in one byte", vec![0]),
        ("1", small(1)),
        ("2", small(2)),
        ("as large as 256 bytes can be", fill(0xff)),
        ("the modulus", modulus.clone()),
        ("one less than the modulus", numbers::minus(&modulus, &small(1))),
        ("one more than the modulus", numbers::plus(&modulus, &small(1))),
        // s + n and n − s are s and −s to a verifier that does not compare with n.
        ("a good one plus the modulus", numbers::plus(&signature, &modulus)),
        ("the modulus minus a good one", numbers::minus(&modulus, &signature)),
        ("the padded digest itself", numbers::padded_digest(&message, modulus.len())),
        ("the digest alone", numbers::digest(&message)),
    ];
    for (name, bytes) in rows {
        table.refused(&format!("a signature that is {name}"), joined(&message, &bytes), Reason::Signature);
    }
}

/// Good signatures, but over something else.
fn other_messages(table: &mut Table<'_>) {
    let key = table.issuer.signing_key();
    let token = table.token();
    let message = token.message();
    let [header, payload, _] = parts(&token.mint_with_signature(&[]));
    for (name, signed) in [
        ("the claims alone", payload.clone()),
        ("the header alone", header.clone()),
        ("both without the dot", format!("{header}{payload}")),
        ("both the other way round", format!("{payload}.{header}")),
        ("a dot more", format!("{message}.")),
        ("a line break more", format!("{message}\n")),
        ("its digest", hexadecimal(&numbers::digest(&message), "")),
        ("nothing", String::new()),
    ] {
        let token = joined(&message, &key.sign(&signed));
        table.refused(&format!("a signature over {name}"), token, Reason::Signature);
    }
}

fn tampered(table: &mut Table<'_>) {
    let now = table.now();
    for (claim, value) in [
        ("sub", json!("01890000-0000-7000-8000-000000000000")),
        ("roles", json!(["admin"])),
        ("scope", json!("admin users")),
        ("exp", json!(now + 3000)),
        ("aud", json!([table.audience, "more"])),
        ("sid", json!("01890000-0000-7000-8000-000000000000")),
        ("ver", json!(2)),
        ("jti", json!("another")),
        ("more", json!(1)),
    ] {
        let token = table.token().mint_tampered(claim, value);
        table.refused(&format!("{claim} changed after signing"), token, Reason::Signature);
    }
    let [header, payload, signature] = parts(&table.token().mint());
    let respelled = |part: &str| {
        let json = URL_SAFE_NO_PAD.decode(part).expect("a part is base64url");
        URL_SAFE_NO_PAD.encode([&json[..], b" "].concat())
    };
    for (name, token) in [
        ("a header", format!("{}.{payload}.{signature}", respelled(&header))),
        ("claims", format!("{header}.{}.{signature}", respelled(&payload))),
    ] {
        table.refused(&format!("{name} with a blank more after signing"), token, Reason::Signature);
    }
    let expired = table.token().expired();
    let [header, _, signature] = parts(&expired.mint());
    let renewed = format!("{header}.{payload}.{signature}");
    table.refused("fresh claims with the signature of expired ones", renewed, Reason::Signature);
}

/// Parts of two good tokens.
fn swapped(table: &mut Table<'_>) {
    let [header, payload, signature] = parts(&table.token().mint());
    let [other_header, other_payload, other_signature] = parts(&table.token().header("x", json!(1)).mint());
    for (name, token) in [
        ("header", format!("{other_header}.{payload}.{signature}")),
        ("claims", format!("{header}.{other_payload}.{signature}")),
        ("signature", format!("{header}.{payload}.{other_signature}")),
    ] {
        table.refused(&format!("the {name} of another good token"), token, Reason::Signature);
    }
}

/// What a token becomes that was accepted a moment ago: a cache that knows tokens by a part of them, such as the
/// signature, accepts the rest unseen.
fn known(table: &mut Table<'_>) {
    let token = table.token().mint();
    table.accepted("control: a token that is then changed", &token);
    let [header, payload, signature] = parts(&token);
    let [other_header, other_payload, other_signature] =
        parts(&table.token().header("x", json!(1)).claim("roles", json!(["admin"])).mint());
    let (start, end) = other_signature.split_at(other_signature.len() / 2);
    let half = signature.get(signature.len() / 2..).unwrap_or_default();
    for (name, token, reason) in [
        ("another header", format!("{other_header}.{payload}.{signature}"), Reason::Signature),
        ("other claims", format!("{header}.{other_payload}.{signature}"), Reason::Signature),
        ("other claims and header", format!("{other_header}.{other_payload}.{signature}"), Reason::Signature),
        ("another signature", format!("{header}.{payload}.{other_signature}"), Reason::Signature),
        ("half of its signature", format!("{header}.{payload}.{start}{half}"), Reason::Signature),
        ("its signature's other half", format!("{header}.{payload}.{half}{end}"), Reason::Signature),
        ("no header", format!("e30.{payload}.{signature}"), Reason::Algorithm),
        ("nothing but its signature", format!("AAAA.AAAA.{signature}"), Reason::Malformed),
        ("its signature alone", signature.clone(), Reason::Malformed),
    ] {
        table.refused(&format!("a token just accepted, with {name}"), token, reason);
    }
}
