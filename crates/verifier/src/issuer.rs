//! One issuer that is trusted, with its keys: where a token is judged. Where next: `token`, then `keys`.

use std::sync::Arc;

use identity::{Claims, Clock};
use jiff::Timestamp;

use crate::{
    IssuerHealth, Limits, Reason, Rejection, Trust, Verified,
    keys::{Keys, Ruling},
    token::{Token, claims},
    unverified,
};

/// An issuer, and all that is known about it.
pub(crate) struct Issuer {
    pub(crate) trust: Trust,
    pub(crate) keys: Keys,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Issuer {
    pub(crate) fn new(trust: Trust, keys: Keys, limits: &Limits, clock: Arc<dyn Clock>) -> Self {
        Self { trust, keys, limits: *limits, clock }
    }

    /// The verdict, or `None` if it is worth to wait for a fetch that may bring the token's key.
    pub(crate) fn verify_now(&self, token: &Token<'_>) -> Option<Result<Verified, Rejection>> {
        let now = self.clock.now();
        if let Some(verdict) = self.judge(token, now) {
            return Some(verdict.map_err(Rejection::from));
        }
        if let Err(reason) = unverified::look(token, &self.trust, &self.limits, now) {
            return Some(Err(reason.into()));
        }
        match self.keys.rule(&token.header.kid) {
            Ruling::Refuse => Some(Err(self.keyless(now))),
            Ruling::Await(_) => None,
        }
    }

    /// The verdict, after a wait if that is worth it.
    pub(crate) async fn verify(&self, token: &Token<'_>) -> Result<Verified, Rejection> {
        if let Some(verdict) = self.verify_now(token) {
            return verdict;
        }
        self.keys.seek(&token.header.kid, || self.has_key(token)).await;
        let now = self.clock.now();
        self.judge(token, now)
            .map_or_else(|| Err(self.keyless(now)), |verdict| verdict.map_err(Rejection::from))
    }

    /// What becomes of a token that may be good and whose key is not at hand.
    fn keyless(&self, now: Timestamp) -> Rejection {
        if self.keys.store.is_usable(now) {
            return Reason::UnknownKey.into();
        }
        Rejection::unavailable(self.keys.retry_after())
    }

    /// The verdict, or `None` if there is no usable key of the token's name. The signature comes first: unsigned
    /// claims are not worth reading.
    fn judge(&self, token: &Token<'_>, now: Timestamp) -> Option<Result<Verified, Reason>> {
        let header = &token.header;
        if !self.trust.algorithms.contains(&header.algorithm) {
            return Some(Err(Reason::Algorithm));
        }
        let loaded = self.keys.store.load();
        let loaded = loaded.as_ref().filter(|loaded| self.keys.store.may_serve(loaded, now))?;
        let key = loaded.keys.find(&header.kid)?;
        if key.algorithm != header.algorithm {
            return Some(Err(Reason::Algorithm));
        }
        if !key.verifies(token.signed, &token.signature) {
            return Some(Err(Reason::Signature));
        }
        Some(self.accept(token, now))
    }

    fn accept(&self, token: &Token<'_>, now: Timestamp) -> Result<Verified, Reason> {
        let claims: Claims = claims::parse(&token.payload, &self.limits)?;
        claims::check(&claims, &self.trust, &self.limits, now)?;
        Ok(Verified::new(token.text, claims))
    }

    /// How it stands with this issuer.
    pub(crate) fn health(&self) -> IssuerHealth {
        let now = self.clock.now();
        let loaded = self.keys.store.load();
        IssuerHealth {
            issuer: self.trust.issuer.clone(),
            usable: self.keys.store.is_usable(now),
            reasons: self.keys.complaints(),
            key_set_age: loaded.as_ref().map(|loaded| loaded.age(now)),
            keys: loaded.as_ref().map_or(0, |loaded| loaded.keys.len()),
        }
    }

    fn has_key(&self, token: &Token<'_>) -> bool {
        let loaded = self.keys.store.load();
        let usable = loaded.as_ref().filter(|loaded| self.keys.store.may_serve(loaded, self.clock.now()));
        usable.is_some_and(|loaded| loaded.keys.find(&token.header.kid).is_some())
    }
}
