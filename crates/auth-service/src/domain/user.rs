//! Somebody with an account.

use std::{fmt, str::FromStr};

use identity::{Email, Roles, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account without its credentials.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) email: Email,
    pub(crate) name: Name,
    pub(crate) roles: Roles,
    /// Raised when every token issued before must end (`ver`).
    pub(crate) version: u32,
    pub(crate) disabled_at: Option<Timestamp>,
    pub(crate) registered_at: Timestamp,
}

impl User {
    /// Whether the account may be used.
    pub(crate) fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }
}

/// What a user is called: one line of 1 to 100 characters, trimmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 100, example = "Ada Lovelace")]
pub struct Name(String);

/// The text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name is one line of 1 to 100 characters")]
pub struct InvalidName;

impl Name {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidName) }
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// Shows that there is a name, never which: debug output ends up in logs.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_of_reasonable_length() {
        assert_eq!(" Žofie Černá ".parse::<Name>().unwrap().as_str(), "Žofie Černá");
        for text in ["", "   ", "a\nb", "a\u{7}", &"x".repeat(101)] {
            assert_eq!(text.parse::<Name>(), Err(InvalidName), "{text:?}");
        }
    }
}
