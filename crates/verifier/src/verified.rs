//! What a verified token says, for as long as somebody holds on to it. Where next: `access`, which asks more of it.

use std::{fmt, ops::Deref, sync::Arc};

use identity::Claims;

/// An access token that was verified, with all that it says. Dereferences to its [`Claims`]; a clone is the same.
#[derive(Clone)]
pub struct Verified(Arc<Parts>);

struct Parts {
    token: Box<str>,
    claims: Claims,
}

impl Verified {
    pub(crate) fn new(token: &str, claims: Claims) -> Self {
        Self(Arc::new(Parts { token: token.into(), claims }))
    }

    /// The token itself, to be passed on to a service that verifies it again. A secret: never log it.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.0.token
    }

    /// What the token says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }
}

impl Deref for Verified {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        self.claims()
    }
}

/// Shows what the token says, never the token.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(self.claims()).finish()
    }
}
