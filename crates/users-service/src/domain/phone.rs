//! A telephone number.

use super::{Unacceptable, ruled_text};

ruled_text! {
    /// An international number as ITU-T E.164 §6 has it: `+`, country code, subscriber; 7 to 15 digits.
    Phone
}

impl Phone {
    pub(crate) fn parse(text: &str) -> Result<Self, Unacceptable> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let well_formed = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !well_formed {
            return Err(Unacceptable(
                "must be an international number of 7 to 15 digits such as +41446681800 (E.164)",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_bare_international_form_is_a_number() {
        for number in ["+6834000", "+41446681800", "+123456789012345"] {
            assert!(Phone::parse(number).is_ok(), "{number}");
        }
        for text in [
            "",
            "+",
            "+683400",
            "+1234567890123456",
            "0446681800",
            "+0446681800",
            "+41 44 668 18 00",
            "+4144668180x",
            "++41446681800",
            "+٤١٤٤٦٦٨١٨٠٠",
        ] {
            assert!(Phone::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_kept_as_it_came(text in "\\+?[0-9 ]{0,17}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(&phone.0, &text);
                prop_assert!(text.len() <= 16 && text.starts_with('+'));
            }
        }
    }
}
