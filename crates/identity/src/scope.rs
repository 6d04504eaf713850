//! Scopes: what a token may be used for (RFC 6749 §3.3), and each as a type, so that a handler's signature
//! says what it asks for.

use serde::{Deserialize, Serialize};

/// A scope known at compile time. `Caller<scope::Profile>` in a handler's signature demands it.
pub trait RequiredScope: 'static {
    /// The name on the wire.
    const NAME: &'static str;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $type:ident = $name:literal),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $type;

            impl RequiredScope for $type {
                const NAME: &'static str = $name;
            }
        )*

        /// Every scope there is, for the issuer's metadata.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

scopes! {
    /// One's own sessions and password.
    Account = "account",
    /// One's own profile.
    Profile = "profile",
    /// Booking, and one's own appointments.
    Appointments = "appointments",
    /// One's own payments.
    Payments = "payments",
    /// A provider's opening hours and offerings.
    Schedule = "schedule",
    /// Giving money back.
    Refunds = "refunds",
    /// Everybody's profiles.
    Users = "users",
    /// Accounts, roles and the audit log.
    Admin = "admin",
    /// What was revoked: for services that verify tokens. No role grants it.
    Revocations = "revocations",
    /// Whether tokens are in force, and what they say: for services that do not verify. No role grants it.
    Introspection = "introspection",
    /// Revoking tokens that were issued to others. No role grants it.
    RevocationsWrite = "revocations:write",
    /// Telling payments-service that a booking has ended. No role grants it.
    PaymentsRelease = "payments:release",
    /// Telling appointments-service how a payment ended. No role grants it.
    AppointmentsReport = "appointments:report",
}

/// Whether a text can name a scope: one or more of `%x21 / %x23-5B / %x5D-7E` (RFC 6749 §3.3).
#[must_use]
pub const fn is_scope_token(scope: &str) -> bool {
    let mut rest = scope.as_bytes();
    while let [first, others @ ..] = rest {
        if !matches!(first, 0x21 | 0x23..=0x5b | 0x5d..=0x7e) {
            return false;
        }
        rest = others;
    }
    !scope.is_empty()
}

/// The `scope` claim: space-separated names (RFC 6749 §3.3, RFC 9068 §2.2.3), each once, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(String);

impl Scopes {
    /// Whether the scope of type `S` is granted.
    #[must_use]
    pub fn grants<S: RequiredScope>(&self) -> bool {
        self.contains(S::NAME)
    }

    /// Whether the scope called `name` is granted.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        // By bytes: the search for a character is made for longer texts.
        self.0.as_bytes().split(|byte| *byte == b' ').any(|scope| scope == name.as_bytes())
    }

    /// The claim's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> FromIterator<&'a str> for Scopes {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        Self(names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_granted_as_a_whole_word_only() {
        let scopes: Scopes = ["profile", "users", "profile"].into_iter().collect();
        assert_eq!(scopes.as_str(), "profile users");
        assert!(scopes.grants::<Profile>() && scopes.grants::<Users>());
        assert!(!scopes.contains("user") && !scopes.contains("profile users") && !scopes.contains(""));
    }
}
