//! Strict JSON (RFC 8259): no member twice, no deep nesting. serde keeps the last of two members of one name and
//! other parsers the first, so a document with both could mean one thing here and another elsewhere (RFC 7519 §4,
//! RFC 7515 §4). Where next: `strict`, which holds these rules while a document is read, and `plain`, for those that
//! cannot break them; `token::header`, `token::claims` and `keys::set`, which read documents through this.

mod names;
mod plain;
mod strict;

use std::cell::Cell;

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::error::Category;

use strict::{Rules, Strict};

/// Reads `text` as one strict JSON document of at most `depth` levels that is a `T`. The first fault ends the reading, and
/// it is the one that is told.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], depth: usize) -> Result<T, Fault> {
    let plain = if depth < plain::LEVELS { None } else { plain::parse(text) };
    plain.map_or_else(|| parse_any(text, depth), Ok)
}

fn parse_any<'a, T: Deserialize<'a>>(text: &'a [u8], depth: usize) -> Result<T, Fault> {
    let text = str::from_utf8(text).map_err(|_| Fault::NotStrict)?;
    let broken = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(text);
    let document = T::deserialize(Strict::new(&mut reader, Rules::new(depth, &broken)));
    let outcome = document.and_then(|document| reader.end().map(|()| document));
    outcome.map_err(|error| match error.classify() {
        Category::Data if !broken.get() => Fault::OtherShape,
        _ => Fault::NotStrict,
    })
}

/// What is wrong with a document. It does not say where: the text is the attacker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not JSON, or ambiguous, or nested too deeply.
    NotStrict,
    /// Strict JSON, but not what was expected.
    OtherShape,
}

/// Whether a member is there, whatever its value, `null` included. The field needs `#[serde(default)]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Presence(pub(crate) bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(member: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(member).map(|_| Self(true))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn strict(text: &str) -> bool {
        parse::<Value>(text.as_bytes(), 8).is_ok()
    }

    fn member() -> impl Strategy<Value = String> {
        let name = prop_oneof![
            Just("number"),
            Just("small"),
            Just("list"),
            Just("borrowed"),
            Just("any"),
            Just("there"),
            Just("inner"),
            Just("other"),
            Just("name"),
        ];
        let value = prop_oneof![
            Just("\"x\""),
            Just("\"\""),
            Just("0"),
            Just("7"),
            Just("01"),
            Just("-1"),
            Just("256"),
            Just("1.5"),
            Just("1e3"),
            Just("999999999999999999"),
            Just("9999999999999999999"),
            Just("null"),
            Just("true"),
            Just("[]"),
            Just("[\"x\",\"y\"]"),
            Just("[\"x\",]"),
            Just("[[]]"),
            Just("[1]"),
            Just("{}"),
            Just("{\"a\":1}"),
            Just("\"\\u0061\""),
        ];
        (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"))
    }

    fn piece() -> impl Strategy<Value = String> {
        let mark = prop_oneof![
            Just("{"),
            Just("}"),
            Just("["),
            Just("]"),
            Just(","),
            Just(":"),
            Just("\""),
            Just("{\"name\":\"n\""),
        ];
        prop_oneof![mark.prop_map(str::to_owned), member()]
    }

    #[test]
    fn ordinary_documents_pass() {
        for text in [r#"{"a":1,"b":{"a":[1,-2.5,"x",true,null,{"a":1},{"a":1}]}}"#, "[]", "1", " {} "] {
            assert!(strict(text), "{text}");
        }
    }

    #[test]
    fn a_member_is_there_once_at_every_level_and_however_it_is_spelled() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":{}}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[0,{"a":1,"a":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert!(!strict(text), "{text}");
        }
    }

    #[test]
    fn eight_levels_are_the_limit() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(strict(&nested(8)));
        assert!(!strict(&nested(9)));
        assert!(!strict(&nested(100_000)));
        assert!(!strict(&(r#"{"a":"#.repeat(9) + "1" + &"}".repeat(9))));
    }

    #[test]
    fn what_is_not_json_does_not_pass() {
        for text in [
            "",
            "{",
            "{}{}",
            "{} x",
            "{'a':1}",
            r#"{"a":1,}"#,
            "\u{feff}{}",
            "01",
            "NaN",
            r#"["\ud800"]"#,
            "1e999",
        ] {
            assert!(!strict(text), "{text:?}");
        }
        assert!(parse::<Value>(b"\"\xff\"", 8).is_err());
    }

    #[test]
    fn a_struct_is_read_from_an_object_and_not_from_a_list() {
        let pair = |a, b: Option<Pair>| Pair { a, b: b.map(Box::new) };
        let read = |text: &str| parse::<Pair>(text.as_bytes(), 8);
        assert_eq!(read(r#"{"a":1,"b":{"a":2}}"#), Ok(pair(1, Some(pair(2, None)))));
        for text in ["[1,null]", r#"{"a":1,"b":[2,null]}"#, "1", "null"] {
            assert_eq!(read(text), Err(Fault::OtherShape), "{text}");
        }
    }

    #[test]
    fn presence_includes_null() {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default)]
            crit: Presence,
        }
        for (text, expected) in [(r#"{"crit":null}"#, true), (r#"{"crit":[1]}"#, true), ("{}", false)] {
            assert_eq!(parse::<Document>(text.as_bytes(), 8).unwrap().crit.0, expected, "{text}");
        }
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Members<'a> {
        name: String,
        #[serde(default)]
        number: i64,
        small: Option<u8>,
        #[serde(default)]
        list: Vec<Cow<'a, str>>,
        #[serde(default, borrow)]
        borrowed: Cow<'a, str>,
        #[serde(default)]
        any: Value,
        #[serde(default)]
        there: Presence,
        #[serde(default)]
        inner: Option<Box<Pair>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        a: u8,
        b: Option<Box<Pair>>,
    }

    #[test]
    fn what_issuers_write_is_plain() {
        let text = br#"{"name":"a b","number":1800000000,"list":["x","y"],"borrowed":""}"#;
        let plain: Members<'_> = plain::parse(text).unwrap();
        assert_eq!((&*plain.name, plain.number, plain.list.len()), ("a b", 1_800_000_000, 2));
        assert_eq!(parse_any(text, 8), Ok(plain));
        assert_eq!(parse::<Members<'_>>(text, 1), Err(Fault::NotStrict));
    }

    proptest! {
        #[test]
        fn what_is_plain_is_strict_and_says_the_same(pieces in proptest::collection::vec(piece(), 0..12)) {
            let text = pieces.concat();
            if let Some(plain) = plain::parse::<Members<'_>>(text.as_bytes()) {
                prop_assert_eq!(parse_any(text.as_bytes(), 2), Ok(plain), "{}", text);
            }
        }

        #[test]
        fn so_does_what_nearly_is(
            members in proptest::collection::vec(member(), 1..6),
            at in any::<proptest::sample::Index>(),
            letter in "[\\[\\]{}:,\"\\\\a01\\-.eé \x00\x7f]{0,2}",
            skipped in 0..2_usize,
        ) {
            let mut text = format!("{{\"name\":\"n\",{}}}", members.join(","));
            if let Some(plain) = plain::parse::<Members<'_>>(text.as_bytes()) {
                prop_assert_eq!(parse_any(text.as_bytes(), 2), Ok(plain), "{}", text);
            }
            let at = at.index(text.len());
            text.replace_range(at..text.len().min(at + skipped), &letter);
            if let Some(plain) = plain::parse::<Members<'_>>(text.as_bytes()) {
                prop_assert_eq!(parse_any(text.as_bytes(), 2), Ok(plain), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = parse::<Value>(&text, 8);
        }

        #[test]
        fn whatever_passes_is_json(text in "[\\[\\]{}:,\"a1 ]{0,24}") {
            if parse::<Value>(text.as_bytes(), 8).is_ok() {
                prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
            }
        }
    }
}
