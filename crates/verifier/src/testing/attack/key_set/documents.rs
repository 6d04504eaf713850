//! Documents that are no key set, or too much of one, each with a key in it that a lenient reader would find
//! (RFC 7517 §5, RFC 8259).

use serde_json::{Value, json};

use super::{KID, Table};
use crate::{Reason, SetFault};

pub(super) fn rows(table: &mut Table<'_>) {
    amounts(table);
    documents(table);
    broken_documents(table);
}

fn amounts(table: &mut Table<'_>) {
    let many = |count: usize| {
        let others = (1..count).map(|number| json!({ "kty": "EC", "kid": number.to_string() }));
        json!({ "keys": others.chain([table.own.clone()]).collect::<Vec<_>>() }).to_string()
    };
    let (enough, too_many) = (many(32), many(33));
    let token = table.token(KID).mint();
    table.push("32 keys, which are not too many", enough, None, token, Reason::UnknownKey);
    table.document("33 keys", too_many, SetFault::TooManyKeys);
    let padded = |bytes: usize| {
        let set = json!({ "keys": [table.own] }).to_string();
        format!("{set}{}", " ".repeat(bytes - set.len()))
    };
    let (whole, too_long) = (padded(64 * 1024), padded(64 * 1024 + 1));
    let token = table.token(KID).mint();
    table.push("64 KiB, which are not too long", whole, None, token, Reason::UnknownKey);
    table.document("64 KiB and a byte", too_long, SetFault::TooLong);
    table.document("no keys", json!({ "keys": [] }).to_string(), SetFault::NoUsableKey);
    let weak = table.spoiled(json!({ "e": "Aw" }));
    table.document("no usable keys", json!({ "keys": [weak] }).to_string(), SetFault::NoUsableKey);
}

/// Documents that are JSON but no key set, each with a key that a lenient reader would find.
fn documents(table: &mut Table<'_>) {
    let good = table.spoiled(json!({}));
    for (name, document) in [
        ("no member keys", json!({})),
        ("keys that are null", json!({ "keys": null })),
        ("keys that are an object", json!({ "keys": { KID: good } })),
        ("keys that are one key", json!({ "keys": good })),
        ("keys that are a text", json!({ "keys": json!([good]).to_string() })),
        ("a key that is null", json!({ "keys": [good, null] })),
        ("a key that is a text", json!({ "keys": [good, KID] })),
        ("a list of keys", json!([good])),
        ("a list of a list of keys", json!([[good]])),
        (
            "a key that is a list of values",
            json!({ "keys": [["RSA", KID, "sig", "RS256", null, good.get("n"), good.get("e")]] }),
        ),
        ("one key", good.clone()),
        ("keys by their names", json!({ KID: good })),
        (
            "certificates by their names",
            json!({ KID: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----" }),
        ),
        ("Keys in capitals", json!({ "KEYS": [good] })),
        ("an error", json!({ "error": "temporarily_unavailable" })),
        ("null", Value::Null),
        ("a text", json!("keys")),
    ] {
        table.document(&format!("a document of {name}"), document.to_string(), SetFault::NotAKeySet);
    }
    let deep = json!({ "keys": [good], "x": [[[[[[[[1]]]]]]]] });
    table.document("a document of nine levels", deep.to_string(), SetFault::NotAKeySet);
    let deep = format!(r#"{{"keys":[{good}],"x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    table.document("a document of 10,000 levels", deep, SetFault::NotAKeySet);
}

fn broken_documents(table: &mut Table<'_>) {
    let good = table.spoiled(json!({})).to_string();
    let set = format!(r#"{{"keys":[{good}]}}"#);
    let member_twice = good.replacen('{', r#"{"kty":"RSA","#, 1);
    let member_twice_escaped = good.replacen('{', r#"{"\u006bid":"other","#, 1);
    let private_twice = good.replacen('{', r#"{"x":{"d":1,"d":2},"#, 1);
    for (name, document) in [
        ("keys twice", format!(r#"{{"keys":[],"keys":[{good}]}}"#)),
        ("keys twice by an escape", format!(r#"{{"keys":[{good}],"k\u0065ys":[]}}"#)),
        ("a member of a key twice", format!(r#"{{"keys":[{member_twice}]}}"#)),
        ("a member of a key twice by an escape", format!(r#"{{"keys":[{member_twice_escaped}]}}"#)),
        ("a member twice inside a key", format!(r#"{{"keys":[{private_twice}]}}"#)),
        ("a member twice beside keys", format!(r#"{{"keys":[{good}],"x":1,"x":1}}"#)),
        ("another document behind", format!("{set}{set}")),
        ("a letter behind", format!("{set}x")),
        ("a NUL behind", format!("{set}\0")),
        ("a byte order mark", format!("\u{feff}{set}")),
        ("a comment", format!("/* keys */{set}")),
        ("a comma at the end", format!(r#"{{"keys":[{good},]}}"#)),
        ("single quotes", set.replace('"', "'")),
        ("its end missing", set.get(..set.len() - 1).unwrap_or_default().to_owned()),
        ("its second half missing", set.get(..set.len() / 2).unwrap_or_default().to_owned()),
        ("nothing", String::new()),
        ("blanks", " \n\t ".to_owned()),
        ("HTML", format!("<!doctype html><title>Sign in</title><script>{set}</script>")),
        ("a callback around it", format!("callback({set})")),
        ("a guard in front", format!(")]}}',\n{set}")),
        ("half a surrogate pair", format!(r#"{{"keys":[{good}],"x":"\ud800"}}"#)),
    ] {
        table.document(&format!("a document with {name}"), document, SetFault::NotAKeySet);
    }
}
