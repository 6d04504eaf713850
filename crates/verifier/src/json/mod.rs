//! Strict JSON (RFC 8259): no member twice, no deep nesting. serde keeps the last of two members of one name and
//! other parsers the first, so a document with both could mean one thing here and another elsewhere (RFC 7519 §4,
//! RFC 7515 §4). Where next: `strict`, which holds these rules while a document is read; `token::header`,
//! `token::claims` and `keys::set`, which read documents through this.

mod names;
mod strict;

use std::cell::Cell;

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::error::Category;

use strict::{Rules, Strict};

/// Reads `text` as one strict JSON document of at most `depth` levels that is a `T`, in one pass. The first fault ends
/// the reading, and it is the one that is told.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], depth: usize) -> Result<T, Fault> {
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
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn strict(text: &str) -> bool {
        parse::<Value>(text.as_bytes(), 8).is_ok()
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
        #[derive(Debug, PartialEq, Deserialize)]
        struct Pair {
            a: u8,
            b: Option<Box<Pair>>,
        }
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

    proptest! {
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
