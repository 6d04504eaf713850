//! Strict JSON (RFC 8259): no member twice, no deep nesting. serde keeps the last of two members of one name and
//! other parsers the first, so a document with both could mean one thing here and another elsewhere (RFC 8725 §2.4,
//! RFC 7515 §4). Where next: `token::header`, `token::claims` and `keys::set`, which read documents through this.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Reads `text` as one strict JSON document of at most `depth` levels, and then as a `T`.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], depth: usize) -> Result<T, Fault> {
    check(text, depth).map_err(|_| Fault::NotStrict)?;
    serde_json::from_slice(text).map_err(|_| Fault::OtherShape)
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

fn check(text: &[u8], depth: usize) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    Strict { levels_left: depth }.deserialize(&mut reader)?;
    reader.end()
}

/// Walks through a value and keeps nothing.
#[derive(Clone, Copy)]
struct Strict {
    levels_left: usize,
}

impl Strict {
    fn one_deeper<E: Error>(self) -> Result<Self, E> {
        let levels_left = self.levels_left.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { levels_left })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("strict JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let inside = self.one_deeper()?;
        while elements.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.one_deeper()?;
        let mut names = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member is there twice"));
            }
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

/// A member's name after its escapes are resolved: `"a"` and `"\u0061"` are one name.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

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
