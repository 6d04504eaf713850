//! The documents in a token: what is not JSON, what is JSON for some readers only, and what two readers read differently
//! (RFC 8259 §4 and §8.1, RFC 8725 §3.7). All of them are well signed.

use serde_json::{Value, json};

use super::Table;
use crate::Reason;

/// In the order of [`identity::Claims`].
const CLAIMS: [&str; 13] = [
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
    duplicates(table);
    nesting(table);
    dialects(table);
    encodings(table);
    shapes(table);
    nameless(table);
}

/// `object` with `more` at its end.
fn with(object: &str, more: &str) -> String {
    format!("{},{more}}}", object.strip_suffix('}').unwrap_or(object))
}

fn header(table: &mut Table<'_>, name: &str, text: &(impl AsRef<[u8]> + ?Sized), reason: Reason) {
    let token = table.token().header_text(text).mint();
    table.refused(&format!("a header {name}"), token, reason);
}

fn claims(table: &mut Table<'_>, name: &str, text: &(impl AsRef<[u8]> + ?Sized), reason: Reason) {
    let token = table.token().claims_text(text).mint();
    table.refused(&format!("claims {name}"), token, reason);
}

/// Of two members of one name, some readers take the first and others the last.
fn duplicates(table: &mut Table<'_>) {
    let (head, body) = (table.token().header_json(), table.token().claims_json());
    for (name, more) in [
        ("with alg twice, none last", r#""alg":"none""#),
        ("with alg twice, both the same", r#""alg":"RS256""#),
        ("with alg twice by an escape", r#""\u0061lg":"none""#),
        ("with typ twice", r#""typ":"JWT""#),
        ("with kid twice", r#""kid":"other""#),
        ("with an unknown member twice", r#""x":1,"x":1"#),
        ("with a member twice in an object", r#""x":{"y":1,"y":1}"#),
        ("with a member twice in an object by an escape", r#""x":{"y":1,"\u0079":1}"#),
        ("with a member twice in a list", r#""x":[[{"y":1,"y":2}]]"#),
        ("with an empty name twice", r#""":1,"":2"#),
    ] {
        header(table, name, &with(&head, more), Reason::Malformed);
    }
    let first = head.replacen('{', r#"{"alg":"none","#, 1);
    header(table, "with alg twice, none first", &first, Reason::Malformed);
    for (name, more) in [
        ("with sub twice", r#""sub":"01890000-0000-7000-8000-000000000000""#),
        ("with sub twice by an escape", r#""s\u0075b":"01890000-0000-7000-8000-000000000000""#),
        ("with exp twice", r#""exp":9999999999"#),
        ("with roles twice", r#""roles":["admin"]"#),
        ("with aud twice", r#""aud":[]"#),
        ("with ver twice, both the same", r#""ver":1"#),
        ("with an unknown member twice", r#""x":1,"x":1"#),
        ("with a member twice in an object", r#""x":{"y":1,"y":1}"#),
        ("with a member twice seven levels down", r#""x":[[[[[{"y":1,"y":2}]]]]]"#),
        ("with a member twice in the letters of another plane", r#""😀":1,"\ud83d\ude00":2"#),
    ] {
        claims(table, name, &with(&body, more), Reason::Malformed);
    }
}

fn nesting(table: &mut Table<'_>) {
    let (head, body) = (table.token().header_json(), table.token().claims_json());
    let lists = |levels: usize| format!(r#""x":{}1{}"#, "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!(r#""x":{}1{}"#, r#"{"x":"#.repeat(levels), "}".repeat(levels));
    let (lists_of_seven, objects_of_seven) = (lists(7), objects(7));
    for (name, more) in [("lists", lists_of_seven), ("objects", objects_of_seven)] {
        let token = table.token().header_text(&with(&head, &more)).claims_text(&with(&body, &more)).mint();
        table.accepted(&format!("control: eight levels of {name}"), token);
    }
    for (name, more) in [("nine levels of lists", lists(8)), ("nine levels of objects", objects(8))] {
        header(table, &format!("with {name}"), &with(&head, &more), Reason::Malformed);
        claims(table, &format!("with {name}"), &with(&body, &more), Reason::Malformed);
    }
    header(table, "of 2,000 levels", &"[".repeat(2000), Reason::Malformed);
    claims(table, "of 2,000 levels of lists", &"[".repeat(2000), Reason::Claims);
    claims(table, "of 800 levels of objects", &r#"{"x":"#.repeat(800), Reason::Malformed);
    claims(table, "with 1,000 levels of lists", &with(&body, &lists(1000)), Reason::Malformed);
    claims(table, "with 500 levels of objects", &with(&body, &objects(500)), Reason::Malformed);
    header(table, "of 10,000 levels", &"[".repeat(10_000), Reason::TooLong);
    claims(table, "of 10,000 levels", &"[".repeat(10_000), Reason::TooLong);
}

/// What lenient readers of JSON let pass.
fn dialects(table: &mut Table<'_>) {
    let (head, body) = (table.token().header_json(), table.token().claims_json());
    let spoil = |object: &str| {
        [
            ("with a comma at the end", with(object, "")),
            ("with a comment", format!("{object}/**/")),
            ("with a comment inside", object.replacen('{', "{//\n", 1)),
            ("with single quotes", object.replace('"', "'")),
            ("with a name without quotes", with(object, "x:1")),
            ("with NaN", with(object, r#""x":NaN"#)),
            ("with Infinity", with(object, r#""x":-Infinity"#)),
            ("with a number too large", with(object, r#""x":1e999"#)),
            ("with a number that starts with 0", with(object, r#""x":01"#)),
            ("with a number that starts with +", with(object, r#""x":+1"#)),
            ("with a hexadecimal number", with(object, r#""x":0x1"#)),
            ("with a number that ends with a dot", with(object, r#""x":1."#)),
            ("with a line break in a text", with(object, "\"x\":\"\n\"")),
            ("with an unknown escape", with(object, r#""x":"\x41""#)),
            ("with half an escape", with(object, r#""x":"\u00"#)),
            ("with half a surrogate pair", with(object, r#""x":"\ud800""#)),
            ("with the wrong half of a surrogate pair", with(object, r#""x":"\udc00\ud800""#)),
            ("with half a surrogate pair as a name", with(object, r#""\ud800":1"#)),
            ("with another document behind", format!("{object}{object}")),
            ("with a letter behind", format!("{object}x")),
            ("with a brace behind", format!("{object}}}")),
            ("without its last brace", object.strip_suffix('}').unwrap_or_default().to_owned()),
            ("with a colon too many", with(object, r#""x"::1"#)),
            ("with a member without a value", with(object, r#""x""#)),
            ("with a capital True", with(object, r#""x":True"#)),
            ("behind a guard against scripts", format!(")]}}',\n{object}")),
        ]
    };
    for (name, text) in spoil(&head) {
        header(table, name, &text, Reason::Malformed);
    }
    for (name, text) in spoil(&body) {
        claims(table, name, &text, Reason::Malformed);
    }
}

/// What is not UTF-8, or is more than JSON in UTF-8 (RFC 8259 §8.1).
fn encodings(table: &mut Table<'_>) {
    let (head, body) = (table.token().header_json(), table.token().claims_json());
    let with_bytes = |object: &str, bytes: &[u8]| {
        let start = object.strip_suffix('}').unwrap_or_default().as_bytes();
        [start, b",\"x\":\"", bytes, b"\"}"].concat()
    };
    let spoil = |object: &str| {
        [
            ("with the byte FF", with_bytes(object, b"\xff")),
            ("with half a character", with_bytes(object, b"\xe2\x82")),
            ("with an overlong slash", with_bytes(object, b"\xc0\xaf")),
            ("with an overlong NUL", with_bytes(object, b"\xc0\x80")),
            ("with a surrogate in UTF-8", with_bytes(object, b"\xed\xa0\x80")),
            ("with a character beyond Unicode", with_bytes(object, b"\xf4\x90\x80\x80")),
            ("with a raw NUL", with_bytes(object, b"\0")),
            ("with a NUL behind", [object.as_bytes(), b"\0"].concat()),
            ("with a byte order mark in front", [b"\xef\xbb\xbf", object.as_bytes()].concat()),
            ("with a no-break space in front", ["\u{a0}".as_bytes(), object.as_bytes()].concat()),
            ("with a vertical tab in front", [b"\x0b", object.as_bytes()].concat()),
            ("in UTF-16", object.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            ("in UTF-16, backwards", object.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            (
                "that were compressed",
                b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0C\xbf\xa6\xa3\x02\0\0\0".to_vec(),
            ),
            ("in CBOR", b"\xa1\x01\x26".to_vec()),
        ]
    };
    for (name, text) in spoil(&head) {
        header(table, name, &text, Reason::Malformed);
    }
    for (name, text) in spoil(&body) {
        claims(table, name, &text, Reason::Malformed);
    }
}

/// JSON that is no object.
fn shapes(table: &mut Table<'_>) {
    for (name, text) in [
        ("that are a list", "[]"),
        ("that are null", "null"),
        ("that are true", "true"),
        ("that are a number", "1"),
        ("that are a text", r#""x""#),
    ] {
        header(table, name, text, Reason::Malformed);
        claims(table, name, text, Reason::Claims);
    }
    for blank in ["", " ", "\n"] {
        let token = |text: &str| table.token().claims_text(text).mint();
        let (name, token) = (format!("claims that are {blank:?}"), token(blank));
        table.refused(&name, token, Reason::Malformed);
    }
    header(table, "without members", "{}", Reason::Algorithm);
    claims(table, "without members", "{}", Reason::Claims);
    let (head, body) = (table.token().header_json(), table.token().claims_json());
    header(table, "in a list", &format!("[{head}]"), Reason::Malformed);
    claims(table, "in a list", &format!("[{body}]"), Reason::Claims);
}

/// The values without their names: a reader that knows the order needs no more.
fn nameless(table: &mut Table<'_>) {
    let body: Value = serde_json::from_str(&table.token().claims_json()).expect("claims are JSON");
    let values = CLAIMS.map(|name| body.get(name).cloned().unwrap_or_default());
    header(
        table,
        "of values without names",
        &json!(["RS256", "at+jwt", table.issuer.kid()]).to_string(),
        Reason::Malformed,
    );
    claims(table, "of values without names", &json!(values).to_string(), Reason::Claims);
}
