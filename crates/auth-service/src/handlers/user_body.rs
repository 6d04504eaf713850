//! A user as callers see them.

use identity::{Email, Roles, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::user::{Name, User};

/// The signed-in user, beside their tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedInUser)]
pub(crate) struct OwnUser {
    id: UserId,
    email: Email,
    name: Name,
    roles: Roles,
}

/// A user as administrators see them.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    #[serde(flatten)]
    user: OwnUser,
    #[schema(value_type = String, format = DateTime)]
    registered_at: Timestamp,
    /// Since when the user may not sign in; null when they may.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
}

impl From<User> for OwnUser {
    fn from(user: User) -> Self {
        Self { id: user.id, email: user.email, name: user.name, roles: user.roles }
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        let (registered_at, disabled_at) = (user.registered_at, user.disabled_at);
        Self { user: user.into(), registered_at, disabled_at }
    }
}
