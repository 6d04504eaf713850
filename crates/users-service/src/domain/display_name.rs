//! The name a user is shown by.

use super::{Unacceptable, ruled_text};

/// In characters, not bytes.
const LONGEST: usize = 80;

ruled_text! {
    /// 1 to 80 characters on one line, without surrounding blanks.
    DisplayName
}

impl DisplayName {
    pub(crate) fn parse(text: &str) -> Result<Self, Unacceptable> {
        let name = text.trim();
        if name.chars().count() > LONGEST {
            return Err(Unacceptable("must be at most 80 characters long"));
        }
        if name.chars().any(misleads) {
            return Err(Unacceptable("must be on one line and without invisible characters"));
        }
        // What only joins others shows nothing alone.
        if name.chars().all(|character| character.is_whitespace() || joins(character)) {
            return Err(Unacceptable("must not be blank; null removes it"));
        }
        Ok(Self(name.to_owned()))
    }
}

/// Control characters, and those that are not seen but make a name look like another: zero-width ones, and the
/// ones that turn the direction of writing (UTS #39 and UAX #9).
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The joiners that Persian, Hindi and emojis need, and variation selectors.
fn joins(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_many_kinds_are_names() {
        for name in ["Ada", "Ada Lovelace", "Jean-Luc O'Neill", "李小龍", "👩‍⚕️", "می‌خواهم", "X"]
        {
            assert_eq!(DisplayName::parse(name), Ok(DisplayName(name.to_owned())), "{name}");
        }
        assert_eq!(DisplayName::parse("  Ada\t"), Ok(DisplayName("Ada".to_owned())));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(DisplayName::parse(&"ü".repeat(80)).is_ok());
        assert!(DisplayName::parse(&"ü".repeat(81)).is_err());
    }

    #[test]
    fn what_shows_nothing_or_something_else_is_refused() {
        for name in
            ["", " \u{a0} ", "\u{200d}", "a\nb", "a\0b", "Ada\u{202e}ymene", "a\u{200b}b", "\u{feff}Ada"]
        {
            assert!(DisplayName::parse(name).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_again_changes_nothing(text in "\\PC{0,90}") {
            if let Ok(name) = DisplayName::parse(&text) {
                prop_assert!((1..=80).contains(&name.0.chars().count()));
                prop_assert_eq!(DisplayName::parse(&name.0), Ok(name));
            }
        }
    }
}
