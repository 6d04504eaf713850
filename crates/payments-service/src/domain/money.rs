//! Amounts that can be charged: whole minor units, never a fraction, never without a currency.

use std::{fmt, str::FromStr};

/// A currency by its ISO 4217 code. The form is checked, not the list: the list is amended every year, and the
/// processor knows which currencies it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Currency([u8; 3]);

/// More than nothing of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Money {
    minor: i64,
    currency: Currency,
}

/// Not something that can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidMoney {
    /// Nothing, less than nothing or too much.
    #[error("an amount is between 1 and {} minor units", Money::MAX_MINOR)]
    Amount,
    /// Not three capital letters.
    #[error("a currency is three capital letters (ISO 4217)")]
    Currency,
}

impl Money {
    /// The largest integer that every JSON reader keeps exactly (RFC 8259 §6).
    pub(crate) const MAX_MINOR: i64 = (1 << 53) - 1;

    /// `minor` units of `currency`, such as 1999 and EUR for € 19.99.
    pub(crate) fn parse(minor: i64, currency: Currency) -> Result<Self, InvalidMoney> {
        let chargeable = (1..=Self::MAX_MINOR).contains(&minor);
        chargeable.then_some(Self { minor, currency }).ok_or(InvalidMoney::Amount)
    }

    /// How many minor units.
    #[must_use]
    pub(crate) const fn minor(self) -> i64 {
        self.minor
    }

    /// Of which currency.
    #[must_use]
    pub(crate) const fn currency(self) -> Currency {
        self.currency
    }
}

impl FromStr for Currency {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidMoney::Currency)?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code)).ok_or(InvalidMoney::Currency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_charged_is_money() {
        let euro: Currency = "EUR".parse().unwrap();
        for (minor, chargeable) in [
            (i64::MIN, false),
            (-1, false),
            (0, false),
            (1, true),
            (Money::MAX_MINOR, true),
            (1 << 53, false),
        ] {
            assert_eq!(Money::parse(minor, euro).is_ok(), chargeable, "{minor}");
        }
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!("EUR".parse::<Currency>().unwrap().to_string(), "EUR");
        for text in ["", "EU", "eur", "EURO", "E R", "€", "ÀB"] {
            assert!(text.parse::<Currency>().is_err(), "{text:?}");
        }
    }
}
