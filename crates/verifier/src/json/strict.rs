//! A serde deserializer around another one that lets through what it gives, and ends the reading at the second member
//! of one name, or where it goes too deep, also inside of values that nobody wants. So a document is read once,
//! and strictly. Where next: `names`.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, StringDeserializer},
    },
};

use super::names::Names;

/// What holds from here downwards.
#[derive(Clone, Copy)]
pub(super) struct Rules<'r> {
    levels_left: usize,
    /// Set when one of the two rules was broken, since the reader's error does not say so.
    broken: &'r Cell<bool>,
}

impl<'r> Rules<'r> {
    pub(super) fn new(depth: usize, broken: &'r Cell<bool>) -> Self {
        Self { levels_left: depth, broken }
    }

    fn one_deeper<E: Error>(self) -> Result<Self, E> {
        match self.levels_left.checked_sub(1) {
            Some(levels_left) => Ok(Self { levels_left, ..self }),
            None => Err(self.broken("nested too deeply")),
        }
    }

    fn broken<E: Error>(self, how: &str) -> E {
        self.broken.set(true);
        E::custom(how)
    }
}

/// Anything of serde's, under the rules.
pub(super) struct Strict<'r, T> {
    inner: T,
    rules: Rules<'r>,
}

impl<'r, T> Strict<'r, T> {
    pub(super) fn new(inner: T, rules: Rules<'r>) -> Self {
        Self { inner, rules }
    }
}

macro_rules! through {
    ($($method:ident($($argument:ident: $type:ty),*) as $inner:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$inner($($argument,)* Strict::new(visitor, self.rules))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<'_, D> {
    type Error = D::Error;

    through! {
        deserialize_any() as deserialize_any;
        // What nobody wants is walked through all the same, instead of being skipped.
        deserialize_ignored_any() as deserialize_any;
        deserialize_bool() as deserialize_bool;
        deserialize_i8() as deserialize_i8;
        deserialize_i16() as deserialize_i16;
        deserialize_i32() as deserialize_i32;
        deserialize_i64() as deserialize_i64;
        deserialize_u8() as deserialize_u8;
        deserialize_u16() as deserialize_u16;
        deserialize_u32() as deserialize_u32;
        deserialize_u64() as deserialize_u64;
        deserialize_f32() as deserialize_f32;
        deserialize_f64() as deserialize_f64;
        deserialize_char() as deserialize_char;
        deserialize_str() as deserialize_str;
        deserialize_string() as deserialize_string;
        deserialize_bytes() as deserialize_bytes;
        deserialize_byte_buf() as deserialize_byte_buf;
        deserialize_option() as deserialize_option;
        deserialize_unit() as deserialize_unit;
        deserialize_unit_struct(name: &'static str) as deserialize_unit_struct;
        deserialize_newtype_struct(name: &'static str) as deserialize_newtype_struct;
        deserialize_seq() as deserialize_seq;
        deserialize_tuple(len: usize) as deserialize_tuple;
        deserialize_tuple_struct(name: &'static str, len: usize) as deserialize_tuple_struct;
        deserialize_map() as deserialize_map;
        deserialize_identifier() as deserialize_identifier;
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_struct(name, fields, ObjectOnly(Strict::new(visitor, self.rules)))
    }

    /// Only enums without content are read here: their one level is the reader's to judge.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.inner.visit_bool(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        self.inner.visit_i64(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        self.inner.visit_u64(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        self.inner.visit_f64(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: Error>(self, value: String) -> Result<V::Value, E> {
        self.inner.visit_string(value)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<V::Value, E> {
        self.inner.visit_bytes(value)
    }

    fn visit_borrowed_bytes<E: Error>(self, value: &'de [u8]) -> Result<V::Value, E> {
        self.inner.visit_borrowed_bytes(value)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict::new(value, self.rules))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Strict::new(value, self.rules))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Strict::new(elements, self.rules.one_deeper()?))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(StrictMap { members, names: Names::new(), rules: self.rules.one_deeper()? })
    }
}

/// A visitor that takes an object and nothing else: what serde derives for a struct takes a list of its members' values
/// too, in the order of the source text, so that `["RS256","at+jwt","k"]` would be a header.
struct ObjectOnly<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for ObjectOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(members)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Strict::new(value, self.rules))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_element_seed(Strict::new(seed, self.rules))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct StrictMap<'r, 'de, A> {
    members: A,
    names: Names<'de>,
    rules: Rules<'r>,
}

/// A member's name after its escapes are resolved: `"a"` and `"\u0061"` are one name.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for StrictMap<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(Name(name)) = self.members.next_key()? else { return Ok(None) };
        let is_new = match &name {
            Cow::Borrowed(name) => self.names.insert(name),
            Cow::Owned(name) => self.names.insert_escaped(name),
        };
        if !is_new {
            return Err(self.rules.broken("a member is there twice"));
        }
        let key = match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)),
        };
        key.map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.members.next_value_seed(Strict::new(seed, self.rules))
    }
}
