//! A second reader of JSON, which keeps everything and is in no hurry: it shows what the fast one has to come to.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// A value as it is written, with members that are there twice.
enum Written {
    Plain,
    List(Vec<Written>),
    Object(Vec<(String, Written)>),
}

/// Whether `text` is one JSON document of at most `depth` levels, no object in it having two members of one name.
pub(super) fn is_strict(text: &[u8], depth: usize) -> bool {
    serde_json::from_slice::<Written>(text).is_ok_and(|written| written.is_strict(depth))
}

impl Written {
    fn is_strict(&self, depth: usize) -> bool {
        let inside = depth.checked_sub(1);
        match self {
            Self::Plain => true,
            Self::List(elements) => {
                inside.is_some_and(|depth| elements.iter().all(|element| element.is_strict(depth)))
            }
            Self::Object(members) => inside.is_some_and(|depth| {
                members.iter().enumerate().all(|(index, (name, value))| {
                    value.is_strict(depth) && members.iter().take(index).all(|(other, _)| other != name)
                })
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Written, E> {
        Ok(Written::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Written, E> {
        Ok(Written::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Written, E> {
        Ok(Written::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Written, E> {
        Ok(Written::Plain)
    }

    fn visit_str<E>(self, _: &str) -> Result<Written, E> {
        Ok(Written::Plain)
    }

    fn visit_unit<E>(self) -> Result<Written, E> {
        Ok(Written::Plain)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Written, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Written::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Written, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Written::Object(object))
    }
}
