//! Reads the JSON that issuers really write, at a third of the cost: one object of texts, whole numbers and lists of
//! texts, without a blank, an escape or a letter outside of ASCII. Whatever else it meets is not refused but left to
//! `strict`, whose verdict it never differs from: nothing that is plain can be read in two ways.

use std::{fmt, str};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, I64Deserializer},
    },
    forward_to_deserialize_any,
};

/// How deep the lists in an object are.
pub(super) const LEVELS: usize = 2;

/// What `text` says, if it is plain and a `T`. `T` has to be a struct that is told of every member it does not know,
/// and refuses one it was given twice, as derived ones do.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    // All are looked at, since it takes longer to stop than to go on: many are looked at together.
    let is_other = |letter: &u8| !matches!(letter, b' '..=b'[' | b']'..=b'~');
    let has_others = text.iter().fold(false, |found, letter| found | is_other(letter));
    let text = str::from_utf8(text).ok().filter(|_| !has_others)?;
    T::deserialize(Object(text)).ok()
}

/// That a text is not plain. Nobody is told why: `strict` will say.
#[derive(Debug)]
struct NotPlain;

type Read<T> = Result<T, NotPlain>;

impl Error for NotPlain {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self
    }
}

impl std::error::Error for NotPlain {}

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not plain")
    }
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, mark: char) -> Read<()> {
        self.0 = self.0.strip_prefix(mark).ok_or(NotPlain)?;
        Ok(())
    }

    fn skips(&mut self, mark: char) -> bool {
        self.skip(mark).is_ok()
    }

    fn text(&mut self) -> Read<&'a str> {
        self.skip('"')?;
        let end = memchr::memchr(b'"', self.0.as_bytes()).ok_or(NotPlain)?;
        let (text, rest) = self.0.split_at_checked(end).ok_or(NotPlain)?;
        self.0 = rest;
        self.skip('"')?;
        Ok(text)
    }

    /// One that surely fits and is not negative.
    fn number(&mut self) -> Read<i64> {
        const MOST_DIGITS: usize = 18;
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at_checked(digits).ok_or(NotPlain)?;
        self.0 = rest;
        let begins_well = matches!(number.as_bytes(), [b'1'..=b'9', ..] | b"0");
        // No fraction and no exponent.
        let ends_well = rest.starts_with([',', '}']);
        if digits > MOST_DIGITS || !begins_well || !ends_well {
            return Err(NotPlain);
        }
        Ok(number.bytes().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }
}

/// The whole text.
struct Object<'a>(&'a str);

impl<'de> Deserializer<'de> for Object<'de> {
    type Error = NotPlain;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let mut rest = Rest(self.0);
        rest.skip('{')?;
        let mut members = Members { rest, first: true };
        let object = visitor.visit_map(&mut members)?;
        if members.rest.0.is_empty() { Ok(object) } else { Err(NotPlain) }
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Read<V::Value> {
        Err(NotPlain)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Members<'a> {
    rest: Rest<'a>,
    first: bool,
}

impl<'de> MapAccess<'de> for &mut Members<'de> {
    type Error = NotPlain;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<Option<S::Value>> {
        if !std::mem::take(&mut self.first) {
            if self.rest.skips('}') {
                return Ok(None);
            }
            self.rest.skip(',')?;
        }
        let name = self.rest.text()?;
        self.rest.skip(':')?;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<S::Value> {
        seed.deserialize(Value(&mut self.rest))
    }
}

/// What a member is.
struct Value<'r, 'a>(&'r mut Rest<'a>);

impl<'de> Deserializer<'de> for Value<'_, 'de> {
    type Error = NotPlain;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.0.0.as_bytes().first() {
            Some(b'"') => BorrowedStrDeserializer::new(self.0.text()?).deserialize_any(visitor),
            Some(b'[') => {
                self.0.skip('[')?;
                let mut elements = Elements { rest: self.0, first: true, open: true };
                let list = visitor.visit_seq(&mut elements)?;
                if elements.open { Err(NotPlain) } else { Ok(list) }
            }
            _ => I64Deserializer::new(self.0.number()?).deserialize_any(visitor),
        }
    }

    /// It may hold what is not plain.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Read<V::Value> {
        Err(NotPlain)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// A struct would be read from a list of its members' values too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Read<V::Value> {
        Err(NotPlain)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier
    }
}

struct Elements<'r, 'a> {
    rest: &'r mut Rest<'a>,
    first: bool,
    open: bool,
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = NotPlain;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<Option<S::Value>> {
        if self.rest.skips(']') {
            self.open = false;
            return Ok(None);
        }
        if !std::mem::take(&mut self.first) {
            self.rest.skip(',')?;
        }
        seed.deserialize(BorrowedStrDeserializer::new(self.rest.text()?)).map(Some)
    }
}
