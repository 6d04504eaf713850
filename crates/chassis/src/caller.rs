//! Who calls, in a handler's signature: `caller: Caller<scope::Profile>` lets nobody in without that scope.
//!
//! The way of a refusal: 401 without detail (the reason goes to the log), 403 naming the scope that is missing,
//! 503 when there are no keys to judge by. All as RFC 9457 problems with RFC 6750 §3 challenges.

use std::{marker::PhantomData, ops::Deref};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use identity::{Claims, RequiredScope, Role, SessionId, UserId};
use verifier::{Reason, Rejection, Verified, Verifier};

use crate::problem::{Answer, Problem, codes};

/// Any valid token will do.
#[derive(Debug, Clone, Copy)]
pub struct AnyScope;

/// What a token must allow, beyond being valid.
pub trait Demand: 'static {
    /// The scope that must be granted, if one must.
    const SCOPE: Option<&'static str>;
}

impl Demand for AnyScope {
    const SCOPE: Option<&'static str> = None;
}

impl<S: RequiredScope> Demand for S {
    const SCOPE: Option<&'static str> = Some(S::NAME);
}

/// A caller whose access token was verified and grants the scope `S`. Dereferences to the token's claims.
pub struct Caller<S = AnyScope> {
    verified: Verified,
    scope: PhantomData<S>,
}

impl<S: Demand> Caller<S> {
    /// Verifies the `Authorization` values of a request.
    ///
    /// # Errors
    /// 401 `unauthenticated`, 403 `insufficient_scope`, 503 `unavailable` when there are no keys to judge by.
    pub async fn authenticate<'a>(
        verifier: &Verifier,
        authorization: impl Iterator<Item = &'a [u8]>,
    ) -> Answer<Self> {
        let token = verifier.authenticate(authorization).await.map_err(|rejection| refuse(&rejection))?;
        if let Some(scope) = S::SCOPE.filter(|scope| !token.scope.contains(scope)) {
            return Err(Problem::new(&codes::INSUFFICIENT_SCOPE)
                .detail(format!("the scope {scope:?} is needed"))
                .challenge(format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)));
        }
        Ok(Self { verified: token, scope: PhantomData })
    }
}

impl<S> Caller<S> {
    /// The user who calls.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.verified.subject
    }

    /// The session the token belongs to.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        self.verified.session_id
    }

    /// Whether the caller has `role`.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.verified.roles.contains(role)
    }

    /// Lets only callers with `role` go on.
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn require_role(&self, role: Role) -> Answer<()> {
        if self.has_role(role) {
            return Ok(());
        }
        Err(Problem::new(&codes::FORBIDDEN).detail(format!("the role {role} is needed")))
    }

    /// The verified token, to be passed on to a service that verifies it again. A secret: never log it.
    #[must_use]
    pub fn token(&self) -> &str {
        self.verified.token()
    }
}

impl<S> Deref for Caller<S> {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        self.verified.claims()
    }
}

impl<S: Demand> FromRequest for Caller<S> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let verifier = request.app_data::<Verifier>();
            let verifier =
                verifier.ok_or_else(|| Problem::new(&codes::INTERNAL).cause("this route has no verifier"))?;
            let authorization =
                request.headers().get_all(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
            Self::authenticate(verifier, authorization).await
        })
    }
}

/// RFC 6750 §3.1: no error code when no credential was sent, and never why a token was refused.
fn refuse(rejection: &Rejection) -> Problem {
    let cause = rejection.to_string();
    if rejection.is_unavailable() {
        let problem = Problem::new(&codes::UNAVAILABLE).detail("tokens cannot be verified at this moment");
        return problem.retry_after(rejection.retry_after().unwrap_or_default()).cause(cause);
    }
    let challenge =
        if rejection.reason() == Reason::Missing { "Bearer" } else { r#"Bearer error="invalid_token""# };
    Problem::new(&codes::UNAUTHENTICATED).challenge(challenge).cause(cause)
}
