//! A card's number on its way in: whatever is wrong with it, no error repeats it.

use std::fmt;

use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// Text that may be a card's number.
pub(crate) struct CardText(pub(crate) SecretString);

struct OnlyText;

impl<'de> Deserialize<'de> for CardText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Any: asked for text, serde_json would refuse a number before it came here.
        deserializer.deserialize_any(OnlyText)
    }
}

impl Visitor<'_> for OnlyText {
    type Value = CardText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number's digits as text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<CardText, E> {
        Ok(CardText(SecretString::from(text.to_owned())))
    }

    // The messages that serde would make of these quote the value.
    fn visit_u64<E: Error>(self, _: u64) -> Result<CardText, E> {
        Err(E::custom("a card number is text, not a number"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<CardText, E> {
        Err(E::custom("a card number is text, not a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<CardText, E> {
        Err(E::custom("a card number is text, not a number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_do_not_repeat_the_number() {
        for json in [
            "4242424242424242",
            "-4242424242424242",
            "4242424242424242.5",
            "42424242424242420000000",
            "[4242]",
        ] {
            let error = serde_json::from_str::<CardText>(json).err().unwrap().to_string();
            assert!(!error.contains("4242"), "{error}");
        }
        assert!(serde_json::from_str::<CardText>(r#""4242 4242 4242 4242""#).is_ok());
    }
}
