//! Card numbers: taken, passed to the processor, forgotten. Only the last four digits are ever kept.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};

/// A card's number. Shown by no `Debug`, wiped when dropped.
#[derive(Debug, Clone)]
pub(crate) struct CardNumber(SecretString);

/// The part of a card's number that may be kept and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastFour(String);

/// The text is no card number. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a card number")]
pub(crate) struct InvalidCard;

impl CardNumber {
    /// Reads 12 to 19 digits with a right check digit (ISO/IEC 7812-1); spaces and hyphens between them are left
    /// out.
    pub(crate) fn parse(text: &SecretString) -> Result<Self, InvalidCard> {
        let kept = text.expose_secret().chars().filter(|c| !matches!(c, ' ' | '-'));
        // One more than allowed is enough to refuse it.
        let digits = SecretString::from(kept.take(20).collect::<String>());
        let number = digits.expose_secret();
        let plausible = (12..=19).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        if plausible && checks(number) { Ok(Self(digits)) } else { Err(InvalidCard) }
    }

    /// The digits, for the processor alone.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What may be kept of it.
    #[must_use]
    pub(crate) fn last_four(&self) -> LastFour {
        let digits = self.expose();
        LastFour(digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_owned())
    }
}

impl LastFour {
    /// The four digits.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LastFour {
    type Err = InvalidCard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let four = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        four.then(|| Self(text.to_owned())).ok_or(InvalidCard)
    }
}

impl fmt::Display for LastFour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check digit by Luhn's formula (ISO/IEC 7812-1, annex B): from the right, every second digit counts twice.
fn checks(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip(0_u32..)
        .map(|(digit, place)| {
            let digit = u32::from(digit - b'0') * (1 + place % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<CardNumber, InvalidCard> {
        CardNumber::parse(&SecretString::from(text.to_owned()))
    }

    #[test]
    fn a_number_is_read_with_or_without_gaps() {
        for text in ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"] {
            let card = parse(text).unwrap();
            assert_eq!((card.expose(), card.last_four().as_str()), ("4242424242424242", "4242"));
        }
    }

    #[test]
    fn what_is_no_card_number_is_refused() {
        let long = "0".repeat(20);
        for text in [
            "",
            "4242424242424241",
            "42424242",
            "4242x42424242424",
            "４２４２４２４２４２４２４２４２",
            &long,
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        let shown = format!("{:?}", parse("4242424242424242").unwrap());
        assert!(!shown.contains('4'), "{shown}");
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(digits in "[0-9]{15}", place in 0_usize..16, change in 1_u8..10) {
            let check = (b'0'..=b'9').map(char::from).find(|check| checks(&format!("{digits}{check}")));
            let number = format!("{digits}{}", check.unwrap());
            prop_assert!(parse(&number).is_ok());
            let mut wrong = number.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + change) % 10;
            prop_assert!(parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        }
    }
}
