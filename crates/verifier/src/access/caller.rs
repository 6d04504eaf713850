//! Who calls, once that is known and enough. Where next: `refusal`, for everybody else.

use std::{fmt, marker::PhantomData, ops::Deref};

use identity::{Claims, Role, SessionId, UserId};

use super::{AnyScope, Demand, Refusal, demand::scope_of};
use crate::{Rejection, Verified, Verifier};

/// A caller whose access token was verified and allows what `D` demands. Dereferences to the token's claims.
///
/// Nothing but a verified token makes one. A clone is the same caller and copies nothing.
pub struct Caller<D = AnyScope> {
    verified: Verified,
    /// A function, so that a caller may go to any thread whatever `D` is.
    demand: PhantomData<fn() -> D>,
}

impl<D: Demand> Caller<D> {
    /// Who sent a request, by all the values of its `Authorization` header.
    ///
    /// # Errors
    /// A [`Refusal`]: 401 `unauthenticated`, 403 `insufficient_scope` or `forbidden`, 503 `unavailable`.
    pub async fn authenticate<'a>(
        verifier: &Verifier,
        authorization_values: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Self, Refusal> {
        let verdict = verifier.authenticate(authorization_values).await;
        Self::admit(verifier, verdict)
    }

    /// As [`authenticate`](Self::authenticate), unless that would have to wait: then `None`. Under a known key it never
    /// does, so frameworks that would have to box a future ask here first.
    pub fn authenticate_now<'a>(
        verifier: &Verifier,
        authorization_values: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Result<Self, Refusal>> {
        let verdict = verifier.authenticate_now(authorization_values)?;
        Some(Self::admit(verifier, verdict))
    }

    fn admit(verifier: &Verifier, verdict: Result<Verified, Rejection>) -> Result<Self, Refusal> {
        let admitted = Self::judge(verifier, verdict).map_err(|refusal| refusal.of(verifier));
        if let Err(refusal) = &admitted {
            tracing::debug!(cause = %refusal, "not let in");
        }
        admitted
    }

    fn judge(verifier: &Verifier, verdict: Result<Verified, Rejection>) -> Result<Self, Refusal> {
        let caller = Self { verified: verdict.map_err(Refusal::credential)?, demand: PhantomData };
        if let Some(scope) = scope_of::<D>().filter(|scope| !caller.scope.contains(scope)) {
            return Err(Refusal::scope(scope));
        }
        D::ROLE.map_or(Ok(()), |role| caller.require_role(role))?;
        if D::STALENESS.is_some_and(|most| !verifier.hears(&caller.verified, most)) {
            return Err(Refusal::stale());
        }
        Ok(caller)
    }
}

impl<D> Caller<D> {
    /// The user who calls: `sub`.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.verified.subject
    }

    /// The session the token belongs to: `sid`.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        self.verified.session_id
    }

    /// Whether the caller has `role`.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.verified.roles.contains(role)
    }

    /// Lets only callers with `role` go on, where it depends on the request which one is needed. Where it does not, the
    /// signature can say it: `Caller<role::Admin>`.
    ///
    /// # Errors
    /// A [`Refusal`]: 403 `forbidden`.
    pub fn require_role(&self, role: Role) -> Result<(), Refusal> {
        if self.has_role(role) { Ok(()) } else { Err(Refusal::role(role)) }
    }

    /// The token itself, to be passed on to a service that verifies it again. A secret: never log it.
    #[must_use]
    pub fn token(&self) -> &str {
        self.verified.token()
    }
}

impl<D> Deref for Caller<D> {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        self.verified.claims()
    }
}

impl<D> Clone for Caller<D> {
    fn clone(&self) -> Self {
        Self { verified: self.verified.clone(), demand: PhantomData }
    }
}

/// Shows whose token it is and no more of it.
impl<D> fmt::Debug for Caller<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("user_id", &self.user_id()).finish_non_exhaustive()
    }
}
