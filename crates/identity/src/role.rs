//! Roles, and the scopes that each grants.

use std::{fmt, iter, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor},
};
use utoipa::ToSchema;

use crate::scope::{self, RequiredScope, Scopes};

/// What a user is to the system. Order is by growing power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Books and pays. Everybody who registers.
    Customer,
    /// Offers time that others book.
    Provider,
    /// Runs the system.
    Admin,
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no role is called {0:?}; there are customer, provider and admin")]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role there is, in order.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Provider, Self::Admin];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Provider => "provider",
            Self::Admin => "admin",
        }
    }

    /// The scopes that this role grants.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &[
                scope::Account::NAME,
                scope::Profile::NAME,
                scope::Appointments::NAME,
                scope::Payments::NAME,
            ],
            Self::Provider => &[scope::Schedule::NAME, scope::Refunds::NAME],
            Self::Admin => &[scope::Users::NAME, scope::Refunds::NAME, scope::Admin::NAME],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "customer" => Ok(Self::Customer),
            "provider" => Ok(Self::Provider),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownRole(text.to_owned())),
        }
    }
}

/// From its name and nothing else: a derived reader would take `{"admin": null}` too.
impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Role;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a role")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Role, E> {
                name.parse().map_err(|_| E::unknown_variant(name, &["customer", "provider", "admin"]))
            }
        }

        name.deserialize_str(Name)
    }
}

/// The roles of one user: sorted, without repeats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(into = "Vec<Role>")]
#[schema(value_type = Vec<Role>)]
pub struct Roles(
    /// A bit for each.
    u8,
);

impl Roles {
    /// Whether `role` is among them.
    #[must_use]
    pub fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each role once, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }

    /// All scopes that these roles grant together.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        self.iter().flat_map(|role| role.scopes().iter().copied()).collect()
    }
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(list: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Roles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of roles")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Roles, A::Error> {
                iter::from_fn(|| list.next_element().transpose()).collect()
            }
        }

        list.deserialize_seq(List)
    }
}

impl From<Vec<Role>> for Roles {
    fn from(roles: Vec<Role>) -> Self {
        roles.into_iter().collect()
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.iter().collect()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | role.bit()))
    }
}

/// Space-separated names, the form in which roles are stored.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Role::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Roles {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_a_set_in_order() {
        let roles: Roles = "admin customer admin".parse().unwrap();
        assert_eq!(roles.to_string(), "customer admin");
        assert_eq!("root".parse::<Roles>(), Err(UnknownRole("root".into())));
    }

    #[test]
    fn a_role_is_read_from_its_name_alone() {
        assert_eq!(
            serde_json::from_str::<Vec<Role>>(r#"["admin","\u0063ustomer"]"#).unwrap(),
            [Role::Admin, Role::Customer]
        );
        for text in [r#""root""#, r#""Admin""#, r#"{"admin":null}"#, "2", "null", r#"["admin"]"#] {
            assert!(serde_json::from_str::<Role>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_role_grants_something_and_only_admin_administers() {
        for role in [Role::Customer, Role::Provider, Role::Admin] {
            let scopes = Roles::from(vec![role]).scopes();
            assert_eq!(scopes.grants::<scope::Admin>(), role == Role::Admin);
            assert!(!scopes.as_str().is_empty());
        }
    }
}
