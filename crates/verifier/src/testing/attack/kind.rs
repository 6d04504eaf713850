//! Other kinds of token than access tokens, most of them well signed by the issuer: what it signs for one purpose must
//! not serve another (RFC 8725 §2.8 and §3.11, RFC 9068 §4).

use serde_json::{Value, json};

use super::{super::token::joined, Table, grammar::parts};
use crate::Reason;

pub(super) fn rows(table: &mut Table<'_>) {
    types(table);
    encrypted(table);
    nested(table);
    other_serializations(table);
}

fn types(table: &mut Table<'_>) {
    for typ in [
        "JWT",
        "jwt",
        "id_token+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "rt+jwt",
        "statuslist+jwt",
        "token-introspection+jwt",
        "oauth-authz-req+jwt",
        "JOSE",
        "at",
        "jwt+at",
        "at jwt",
        "at-jwt",
        "at+jwt\0",
        "at+jwt ",
        " at+jwt",
        "at+jwt; charset=utf-8",
        "at+jwt,JWT",
        "text/at+jwt",
        "application/jwt",
        "application/application/at+jwt",
        "application//at+jwt",
        "\u{430}t+jwt",
        "",
    ] {
        let token = table.token().header("typ", json!(typ)).mint();
        table.refused(&format!("typ {typ:?}"), token, Reason::Type);
    }
    for (typ, reason) in [
        (Value::Null, Reason::Type),
        (json!(1), Reason::Malformed),
        (json!(["at+jwt"]), Reason::Malformed),
        (json!({}), Reason::Malformed),
    ] {
        let token = table.token().header("typ", typ.clone()).mint();
        table.refused(&format!("the typ {typ}"), token, reason);
    }
    let missing = table.token().without_header("typ").mint();
    table.refused("no typ", missing, Reason::Type);
    for typ in ["AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        let token = table.token().header("typ", json!(typ)).mint();
        table.accepted(&format!("control: typ {typ}"), token);
    }

    // Whole tokens as the issuer might sign them for others.
    let id_token =
        table.token().header("typ", json!("JWT")).claim("nonce", json!("n")).claim("at_hash", json!("h"));
    table.refused("an ID token", id_token.mint(), Reason::Type);
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let logout = table.token().header("typ", json!("logout+jwt")).claim("events", events).mint();
    table.refused("a logout token", logout, Reason::Type);
}

/// JWE (RFC 7516 §7.1): five parts, or three that say they are encrypted.
fn encrypted(table: &mut Table<'_>) {
    let [header, payload, signature] = parts(&table.token().mint());
    let five = format!("{header}.AAAA.{payload}.{signature}.AAAA");
    table.refused("five parts", five, Reason::Malformed);
    let header = table.token().header("alg", json!("dir")).header("enc", json!("A256GCM"));
    let [header, ..] = parts(&header.mint());
    table.refused(
        "an encrypted token",
        format!("{header}..AAAAAAAAAAAAAAAA.{payload}.AAAAAAAAAAAAAAAAAAAAAA"),
        Reason::Malformed,
    );
    let three = table.token().header("enc", json!("A256GCM")).header("zip", json!("DEF")).mint();
    table.refused("an encrypted token in three parts", three, Reason::ForbiddenHeader);
    table.refused("an empty encrypted token", "e30.e30.e30.e30.e30", Reason::Malformed);
}

/// A token in a token (RFC 7519 §5.2, RFC 8725 §2.7).
fn nested(table: &mut Table<'_>) {
    let inner = table.token().mint();
    let outer = |text: &str| table.token().header("cty", json!("JWT")).claims_text(text).mint();
    let (bare, text, member) =
        (outer(&inner), outer(&json!(inner).to_string()), outer(&json!({ "jwt": inner }).to_string()));
    table.refused("a token as claims", bare, Reason::Malformed);
    table.refused("a token as a text", text, Reason::Claims);
    table.refused("a token in a member", member, Reason::Claims);
    let stranger =
        table.token().header("cty", json!("JWT")).claims_text(&inner).signed_by(&table.stranger).mint();
    table.refused("a token as claims, signed by another", stranger, Reason::Signature);
}

/// The forms of a signed object that are not compact (RFC 7515 §7.2).
fn other_serializations(table: &mut Table<'_>) {
    let [header, payload, signature] = parts(&table.token().mint());
    let flat = json!({ "protected": header, "payload": payload, "signature": signature }).to_string();
    let general = json!({
        "payload": payload,
        "signatures": [{ "protected": header, "signature": signature }],
    });
    table.refused("flattened JSON", &flat, Reason::Malformed);
    table.refused("general JSON", general.to_string(), Reason::Malformed);
    let selective = format!("{}~", joined(&format!("{header}.{payload}"), &[0; 256]));
    table.refused("a selectively disclosed token", selective, Reason::Malformed);
    table.refused("a PASETO", "v4.public.eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIn0", Reason::Malformed);
    table.refused("a macaroon", "MDAxY2xvY2F0aW9uIGh0dHA6Ly9teWJhbmsvCg", Reason::Malformed);
}
