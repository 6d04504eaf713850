//! What a verified token says, for as long as somebody holds on to it. Where next: `access`, which asks more of it.

use std::{fmt, ops::Deref, sync::Arc};

use identity::Claims;

use crate::revocation::{Clear, Marks};

/// An access token that was verified, with all that it says. Dereferences to its [`Claims`]; a clone is the same.
#[derive(Clone)]
pub struct Verified(Arc<Parts>);

/// In this order: first what is asked of a token that comes again, as memory brings what lies together at once.
#[repr(C)]
pub(crate) struct Parts {
    /// Which of the verifier's issuers it is from.
    pub(crate) issuer: usize,
    /// The version of that issuer's key set by which it was verified.
    pub(crate) key_set: u64,
    /// In seconds since 1970.
    pub(crate) verified_at: i64,
    /// How far its marks need not be looked up.
    pub(crate) clear: Clear,
    pub(crate) claims: Claims,
    /// By what it is found among what was revoked.
    pub(crate) marks: Marks,
    /// As it came.
    pub(crate) token: Arc<[u8]>,
    /// About how much memory all this occupies, in bytes.
    pub(crate) size: usize,
}

impl Verified {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The token itself, to be passed on to a service that verifies it again. A secret: never log it.
    #[must_use]
    pub fn token(&self) -> &str {
        // What was decoded as base64url is text; to say so each time is cheaper than to look for each token.
        str::from_utf8(&self.0.token).unwrap_or_default()
    }

    /// What the token says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    pub(crate) fn verified_at(&self) -> i64 {
        self.0.verified_at
    }

    pub(crate) fn size(&self) -> usize {
        self.0.size
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
