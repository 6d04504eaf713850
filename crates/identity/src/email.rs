//! E-mail addresses as this system accepts and compares them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An e-mail address: trimmed, lower-cased, of plausible form. Two spellings of one mailbox compare equal.
///
/// The form is checked, not the existence: only a mail that is answered proves that (RFC 5321 §2.3.11).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = Email, example = "ada@example.org")]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// RFC 5321 §4.5.3.1.3: a path of 256 octets including its brackets.
    pub const MAX_LENGTH: usize = 254;

    /// The normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let clean = text.len() <= Self::MAX_LENGTH
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[]\\,;:\"".contains(c));
        let local_ok = !local.is_empty() && local.len() <= 64 && !local.contains('@') && dots_inside(local);
        let domain_ok = domain.contains('.')
            && dots_inside(domain)
            && domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
        if clean && local_ok && domain_ok { Ok(Self(text.to_lowercase())) } else { Err(InvalidEmail) }
    }
}

/// No dot leads, trails or follows another.
fn dots_inside(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty())
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// Shows that there is an address, never which: debug output ends up in logs.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_mailbox_are_equal() {
        assert_eq!(" Ada@Example.ORG ".parse::<Email>().unwrap().as_str(), "ada@example.org");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in [
            "",
            "@",
            "a@",
            "@b.c",
            "a b@c.de",
            "a@b",
            "a@b..c",
            ".a@b.c",
            "a@b@c.de",
            "a\0@b.de",
            "a@-.x\n.y",
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
        assert!(format!("{}@b.de", "a".repeat(65)).parse::<Email>().is_err());
    }

    #[test]
    fn debug_does_not_show_the_address() {
        let email: Email = "ada@example.org".parse().unwrap();
        assert!(!format!("{email:?}").contains("ada"));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_its_own_normal_form(text in ".*@.*\\.[a-z]{2,3}") {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>(), Ok(email.clone()));
            }
        }
    }
}
