//! The spelling of a token: dots and base64url. A lenient reader gives one token many spellings, and then whatever is
//! keyed by its text can be evaded (RFC 7515 §2 and §7.1, RFC 4648 §3.5).

use super::{super::token::joined, Table, hexadecimal};
use crate::Reason;

pub(super) fn rows(table: &mut Table<'_>) {
    dots(table);
    respelled(table);
    loose_bits(table);
    signed_respelled(table);
}

fn dots(table: &mut Table<'_>) {
    let token = table.token().mint();
    let [header, payload, signature] = parts(&token);
    for (name, text) in [
        ("a dot in front", format!(".{token}")),
        ("a dot at the end", format!("{token}.")),
        ("two dots after the header", format!("{header}..{payload}.{signature}")),
        ("two dots before the signature", format!("{header}.{payload}..{signature}")),
        ("a part in front", format!("AAAA.{token}")),
        ("a fourth part", format!("{token}.AAAA")),
        ("no header", format!(".{payload}.{signature}")),
        ("no claims, as if they were detached", format!("{header}..{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("neither a signature nor its dot", format!("{header}.{payload}")),
        ("a header alone", header.clone()),
        ("a header and its dots", format!("{header}..")),
        ("escaped dots", token.replace('.', "%2E")),
        ("another full stop", token.replace('.', "\u{3002}")),
        ("two tokens with a dot", format!("{token}.{token}")),
        ("the token twice", format!("{token}{token}")),
    ] {
        table.refused(name, text, Reason::Malformed);
    }
}

/// The same bytes in letters that are not base64url, or in more of them.
fn respelled(table: &mut Table<'_>) {
    let token = table.token().mint();
    let [header, payload, signature] = parts(&token);
    let halves = |part: &str| {
        let (start, end) = part.split_at(part.len() / 2);
        (start.to_owned(), end.to_owned())
    };
    for (what, padding) in [("=", "="), ("==", "=="), ("%3D", "%3D"), ("%3D%3D", "%3D%3D")] {
        let name = |part: &str| format!("{part} padded with {what}");
        table.refused(
            &name("a header"),
            format!("{header}{padding}.{payload}.{signature}"),
            Reason::Malformed,
        );
        table.refused(&name("claims"), format!("{header}.{payload}{padding}.{signature}"), Reason::Malformed);
        table.refused(&name("a signature"), format!("{token}{padding}"), Reason::Malformed);
    }
    for (what, inside) in
        [("a blank", " "), ("a tab", "\t"), ("a comma", ","), ("%20", "%20"), ("%0A", "%0A")]
    {
        let name = |part: &str| format!("{what} inside {part}");
        let [(h1, h2), (p1, p2), (s1, s2)] = [&header, &payload, &signature].map(|part| halves(part));
        let broken = |start: String, end: String| format!("{start}{inside}{end}");
        let rows = [
            ("a header", format!("{}.{payload}.{signature}", broken(h1, h2))),
            ("claims", format!("{header}.{}.{signature}", broken(p1, p2))),
            ("a signature", format!("{header}.{payload}.{}", broken(s1, s2))),
        ];
        for (part, text) in rows {
            table.refused(&name(part), text, Reason::Malformed);
        }
    }
    let with_both = std::iter::repeat_with(|| table.token().mint())
        .find(|token| token.contains('-') && token.contains('_'))
        .expect("an endless iterator");
    table.refused("the letters of base64", with_both.replace('-', "+").replace('_', "/"), Reason::Malformed);
    table.refused("the letter + alone", with_both.replace('-', "+"), Reason::Malformed);
    table.refused("the letter / alone", with_both.replace('_', "/"), Reason::Malformed);
    table.refused("escaped letters", with_both.replace('-', "%2D"), Reason::Malformed);
    table.refused("hexadecimal", hexadecimal(token.as_bytes(), ""), Reason::Malformed);
    table.refused("everything in capitals", token.to_uppercase(), Reason::Malformed);
}

/// Another last letter that stands for the same bytes: of what is in it, two or four bits do not count.
fn loose_bits(table: &mut Table<'_>) {
    let token = table.token().mint();
    let [header, payload, signature] = parts(&token);
    for loose in [1, 2, 3, 15] {
        let text = format!("{header}.{payload}.{}", loosened(&signature, loose));
        table.refused(&format!("a signature with {loose} in its unused bits"), text, Reason::Malformed);
    }
}

/// Headers and claims spelled badly and then signed that way, so that nothing but the spelling is wrong.
fn signed_respelled(table: &mut Table<'_>) {
    let key = table.issuer.signing_key();
    let signed = |header: &str, payload: &str| {
        let message = format!("{header}.{payload}");
        joined(&message, &key.sign(&message))
    };
    // One of three lengths leaves no bits unused.
    let odd = |name: &str| {
        std::iter::successors(Some(String::new()), |padding| Some(format!("{padding}x")))
            .map(|padding| {
                table.token().header(name, padding.clone().into()).claim(name, padding.into()).mint()
            })
            .map(|token| parts(&token))
            .find(|[header, payload, _]| header.len() % 4 != 0 && payload.len() % 4 != 0)
            .expect("an endless iterator")
    };
    let [header, payload, _] = odd("padding");
    let padding = |part: &str| "=".repeat(4 - part.len() % 4);
    let rows = [
        ("unused bits in a signed header", signed(&loosened(&header, 1), &payload)),
        ("unused bits in signed claims", signed(&header, &loosened(&payload, 1))),
        ("a padded header, signed", signed(&format!("{header}{}", padding(&header)), &payload)),
        ("padded claims, signed", signed(&header, &format!("{payload}{}", padding(&payload)))),
        ("a blank in a signed header", signed(&format!("{header} "), &payload)),
        ("a letter too many in signed claims", signed(&header, &format!("{}A", even(table)))),
        ("a signed header that is not encoded", signed(&table.token().header_json(), &payload)),
    ];
    for (name, token) in rows {
        table.refused(name, token, Reason::Malformed);
    }
}

/// Claims whose encoding fills its letters, so that one letter more stands for less than a byte.
fn even(table: &Table<'_>) -> String {
    std::iter::successors(Some(String::new()), |padding| Some(format!("{padding}x")))
        .map(|padding| parts(&table.token().claim("padding", padding.into()).mint()))
        .find_map(|[_, payload, _]| payload.len().is_multiple_of(4).then_some(payload))
        .expect("an endless iterator")
}

/// The three parts.
pub(super) fn parts(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("a token has three parts")
}

/// `part` with `bits` added to those of its last letter that must be zero.
fn loosened(part: &str, bits: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = part.split_at(part.len() - 1);
    let value =
        LETTERS.iter().position(|letter| [*letter] == last.as_bytes()).expect("a letter of base64url");
    format!("{start}{}", char::from(*LETTERS.get(value + bits).expect("unused bits")))
}
