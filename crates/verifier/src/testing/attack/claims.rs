//! Claims: missing, of another type, of another value, or at the edge of what numbers can be (RFC 9068 §2.2 and §4,
//! RFC 7519 §4.1). All of them are well signed.

use std::time::Duration;

use serde_json::{Value, json};

use super::Table;
use crate::Reason;

/// All that must be there (RFC 9068 §2.2, and this system's own).
const REQUIRED: [&str; 13] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "client_id",
    "sid",
    "ver",
    "scope",
    "roles",
    "auth_time",
];

pub(super) fn rows(table: &mut Table<'_>) {
    presence(table);
    issuer(table);
    audience(table);
    numbers(table);
    times(table);
    others(table);
    actors(table);
}

fn with(table: &mut Table<'_>, claim: &str, value: Value, reason: Reason) {
    let short: String = value.to_string().chars().take(60).collect();
    let token = table.token().claim(claim, value).mint();
    table.refused(&format!("{claim} that is {short}"), token, reason);
}

fn presence(table: &mut Table<'_>) {
    for claim in REQUIRED {
        let missing = table.token().without_claim(claim).mint();
        table.refused(&format!("no {claim}"), missing, Reason::Claims);
        with(table, claim, Value::Null, Reason::Claims);
        let renamed = table.token();
        let value = serde_json::from_str::<Value>(&renamed.claims_json()).expect("claims are JSON");
        let value = value.get(claim).cloned().unwrap_or_default();
        let renamed = renamed.without_claim(claim).claim(&claim.to_uppercase(), value).mint();
        table.refused(&format!("{claim} spelled in capitals"), renamed, Reason::Claims);
    }
}

fn issuer(table: &mut Table<'_>) {
    let ours = table.issuer.url().to_owned();
    for issuer in [
        "https://evil.example".to_owned(),
        String::new(),
        format!("{ours}/"),
        format!(" {ours}"),
        format!("{ours} "),
        format!("{ours}\0"),
        format!("{ours}.evil.example"),
        format!("{ours}@evil.example"),
        format!("{ours}#"),
        format!("{ours}?"),
        ours.to_uppercase(),
        ours.replacen("https", "http", 1) + ":80",
    ] {
        with(table, "iss", json!(issuer), Reason::Issuer);
    }
    for value in [json!([ours]), json!({ "url": ours }), json!(1), json!(true)] {
        with(table, "iss", value, Reason::Claims);
    }
}

fn audience(table: &mut Table<'_>) {
    let ours = table.audience.to_owned();
    let all_but_last: String = ours.chars().take(ours.chars().count() - 1).collect();
    for others in [
        json!([]),
        json!([""]),
        json!(["somebody-else"]),
        json!(["somebody-else", "*"]),
        json!([format!("{ours}s")]),
        json!([all_but_last]),
        json!([format!("{ours} ")]),
        json!([format!("{ours}\0")]),
        json!([format!("{ours},somebody-else")]),
        json!([format!("{ours} somebody-else")]),
        json!([ours.to_uppercase()]),
        json!([".*"]),
        json!(vec![""; 500]),
    ] {
        with(table, "aud", others, Reason::Audience);
    }
    for value in [
        json!(ours),
        json!(format!("[\"{ours}\"]")),
        json!(1),
        json!(true),
        json!({ "aud": ours }),
        json!({ "0": ours, "length": 1 }),
        json!([[ours]]),
        json!([[[ours]], ours]),
        json!([ours, 1]),
        json!([ours, null]),
        json!([null]),
    ] {
        with(table, "aud", value, Reason::Claims);
    }
    let many: Vec<_> = (0..500).map(|number| number.to_string()).chain([ours]).collect();
    let token = table.token().claim("aud", json!(many)).mint();
    table.accepted("control: this audience after 500 others", token);
}

/// Numbers as JSON can spell them, each claim set to this text.
fn numbers(table: &mut Table<'_>) {
    let now = table.now();
    for claim in ["exp", "iat", "nbf", "auth_time"] {
        for spelling in [
            format!("\"{now}\""),
            format!("{now}.0"),
            format!("{now}.5"),
            format!("{now}e0"),
            "1e3".to_owned(),
            "1e18".to_owned(),
            "-0".to_owned(),
            "9223372036854775808".to_owned(),
            "18446744073709551616".to_owned(),
            "-9223372036854775809".to_owned(),
            "1e308".to_owned(),
            "true".to_owned(),
            "{}".to_owned(),
            format!("[{now}]"),
            "\"\"".to_owned(),
            "\"never\"".to_owned(),
            "\"2027-01-15T08:00:00Z\"".to_owned(),
        ] {
            spelled(table, claim, &spelling, Reason::Claims);
        }
        spelled(table, claim, "1e309", Reason::Malformed);
        spelled(table, claim, &format!("{}1", "9".repeat(400)), Reason::Malformed);
    }
    for (claim, number, reason) in [
        ("exp", i64::MIN, Reason::Expired),
        ("exp", -1, Reason::Expired),
        ("exp", 0, Reason::Expired),
        ("exp", now * 1000, Reason::Lifetime),
        ("exp", 1 << 53, Reason::Lifetime),
        ("exp", i64::MAX, Reason::Lifetime),
        ("iat", i64::MIN, Reason::Lifetime),
        ("iat", -1, Reason::Lifetime),
        ("iat", 0, Reason::Lifetime),
        ("iat", now * 1000, Reason::NotYetValid),
        ("iat", i64::MAX, Reason::NotYetValid),
        ("nbf", now * 1000, Reason::NotYetValid),
        ("nbf", 1 << 53, Reason::NotYetValid),
        ("nbf", i64::MAX, Reason::NotYetValid),
        ("auth_time", i64::MAX, Reason::NotYetValid),
    ] {
        spelled(table, claim, &number.to_string(), reason);
    }
    for spelling in ["-1", "1.5", "4294967296", "\"1\"", "[1]", "true"] {
        spelled(table, "ver", spelling, Reason::Claims);
    }
}

/// A token whose `claim` is this text of JSON.
fn spelled(table: &mut Table<'_>, claim: &str, value: &str, reason: Reason) {
    let claims = table.token().without_claim(claim).claims_json();
    let text = claims.replacen('{', &format!(r#"{{"{claim}":{value},"#), 1);
    let short: String = value.chars().take(30).collect();
    let token = table.token().claims_text(&text).mint();
    table.refused(&format!("{claim} spelled {short}"), token, reason);
}

fn times(table: &mut Table<'_>) {
    let now = table.now();
    let expired = table.token().expired().mint();
    table.refused("expired an hour ago", expired, Reason::Expired);
    let long = table.token().expires_in(Duration::from_secs(3601)).mint();
    table.refused("a lifetime of an hour and a second", long, Reason::Lifetime);
    let of_a_year = table.token().expires_in(Duration::from_hours(365 * 24)).mint();
    table.refused("a lifetime of a year", of_a_year, Reason::Lifetime);
    let ages_old = table.token().claim("iat", json!(now - 86_400)).claim("nbf", json!(now - 86_400)).mint();
    table.refused("issued a day ago and still running", ages_old, Reason::Lifetime);
    for (name, iat, exp) in [("of nothing", now, now), ("of less than nothing", now + 20, now + 10)] {
        let token = table.token().claim("iat", json!(iat)).claim("exp", json!(exp)).mint();
        table.refused(&format!("a lifetime {name}"), token, Reason::Lifetime);
    }
    for claim in ["iat", "nbf", "auth_time"] {
        let token = table.token().claim(claim, json!(now + 300)).expires_in(Duration::from_mins(10)).mint();
        table.refused(&format!("{claim} in five minutes"), token, Reason::NotYetValid);
    }
    // Far enough from the leeway for a clock that goes on while the table is tried.
    let just = table.token().claim("exp", json!(now - 31)).claim("iat", json!(now - 600)).mint();
    table.refused("expired just longer ago than clocks may differ", just, Reason::Expired);
}

fn others(table: &mut Table<'_>) {
    let roots = ["root", "Admin", "ADMIN", "admin ", "", "*"];
    for role in roots {
        with(table, "roles", json!([role]), Reason::Claims);
    }
    for (claim, value) in [
        ("roles", json!("admin")),
        ("roles", json!({ "admin": true })),
        ("roles", json!([["admin"]])),
        ("roles", json!([1])),
        ("roles", json!([{ "admin": null }])),
        ("roles", json!(["customer", null])),
        ("scope", json!(["profile"])),
        ("scope", json!({ "profile": true })),
        ("scope", json!(1)),
        ("sub", json!("")),
        ("sub", json!("ada")),
        ("sub", json!(1)),
        ("sub", json!("../admin")),
        ("sub", json!("' OR 1=1 --")),
        ("sub", json!("01890000-0000-7000-8000-00000000000")),
        ("sub", json!(["01890000-0000-7000-8000-000000000000"])),
        ("sid", json!("")),
        ("sid", json!("x")),
        ("sid", json!(1)),
        ("jti", json!("")),
        ("jti", json!(1)),
        ("jti", json!(["x"])),
        ("client_id", json!("")),
        ("client_id", json!(1)),
        ("client_id", json!(["signet"])),
    ] {
        with(table, claim, value, Reason::Claims);
    }
}

/// Who acts for the subject is told whole or not at all (RFC 8693 §4.1).
fn actors(table: &mut Table<'_>) {
    let id = "01890000-0000-7000-8000-000000000000";
    for value in [
        Value::Null,
        json!("c"),
        json!([id, "c"]),
        json!([{ "sub": id, "client_id": "c" }]),
        json!({}),
        json!({ "sub": id }),
        json!({ "client_id": "c" }),
        json!({ "sub": id, "client_id": "" }),
        json!({ "sub": id, "client_id": 1 }),
        json!({ "sub": "c", "client_id": "c" }),
    ] {
        with(table, "act", value, Reason::Claims);
    }
    let claims = table.token().claims_json();
    let twice =
        claims.replacen('{', &format!(r#"{{"act":{{"sub":"{id}","client_id":"c","client_id":"d"}},"#), 1);
    let token = table.token().claims_text(&twice).mint();
    table.refused("act with client_id twice", token, Reason::Malformed);
    let token = table.token().claim("act", json!({ "sub": id, "client_id": "c" })).mint();
    table.accepted("control: an actor", token);
}
