//! What providers call themselves and their offerings.

use super::Invalid;

/// A line of text for people: 1 to 100 characters, none of them invisible controls, no blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    /// The longest name, in characters.
    pub(crate) const MAX_CHARACTERS: usize = 100;

    /// Trims `text` and takes it if it is a name.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let characters = text.chars().count();
        if characters == 0 || characters > Self::MAX_CHARACTERS || text.chars().any(char::is_control) {
            return Err(Invalid::new(format!(
                "`name` must be a line of 1 to {} characters",
                Self::MAX_CHARACTERS
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_line() {
        assert_eq!(Name::parse("  Ada's studio ").unwrap().as_str(), "Ada's studio");
        assert!(Name::parse(&"ü".repeat(100)).is_ok());
        for wrong in ["", "   ", "a\nb", "a\0b", &"ü".repeat(101)] {
            assert!(Name::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
