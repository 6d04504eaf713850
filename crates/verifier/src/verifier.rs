//! The verifier itself: a token's way from text to claims. Where next: `issuer`, which judges, then `token` and `keys`.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::Poll,
};

use crate::{
    Builder, Counters, Health, Limits, Reason, Rejection, Trust, Verified, bearer, counters::Tally,
    issuer::Issuer, token::Token, unverified,
};

/// Verifies access tokens of the issuers it trusts, from keys it keeps fresh by itself.
///
/// A clone is the same verifier. Somebody must poll [`run`](Self::run), or there are never any keys.
#[derive(Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
}

struct Shared {
    /// At least one.
    issuers: Vec<Issuer>,
    limits: Limits,
    tally: Tally,
}

impl Verifier {
    /// Starts building a verifier that trusts as `trust` says.
    #[must_use]
    pub fn builder(trust: Trust) -> Builder {
        Builder::new(trust)
    }

    pub(crate) fn new(issuers: Vec<Issuer>, limits: &Limits) -> Self {
        Self { shared: Arc::new(Shared { issuers, limits: *limits, tally: Tally::default() }) }
    }

    /// Who sent a request, by all the values of its `Authorization` header: [`bearer`], then [`verify`](Self::verify).
    ///
    /// # Errors
    /// A [`Rejection`], those of [`bearer`] included. Every one is counted.
    pub async fn authenticate<'a>(
        &self,
        authorization_values: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Verified, Rejection> {
        match bearer(authorization_values) {
            Ok(token) => self.verify(token).await,
            Err(rejection) => self.counted(Err(rejection)),
        }
    }

    /// As [`authenticate`](Self::authenticate), unless that would have to wait: then `None`.
    pub fn authenticate_now<'a>(
        &self,
        authorization_values: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Result<Verified, Rejection>> {
        match bearer(authorization_values) {
            Ok(token) => self.verify_now(token),
            Err(rejection) => Some(self.counted(Err(rejection))),
        }
    }

    /// What `token`, a JWT in compact form (RFC 7519 §3), says, once every rule has been kept (RFC 9068 §4).
    ///
    /// Under a known key this never waits. Under an unknown one it may wait for a fetch, 1 s at most, if all but the
    /// signature is in order.
    ///
    /// # Errors
    /// A [`Rejection`]: [`Reason::Unavailable`] only if the token might be good and no usable keys are at hand.
    pub async fn verify(&self, token: &(impl AsRef<[u8]> + ?Sized)) -> Result<Verified, Rejection> {
        let verdict = self.shared.verify(token.as_ref()).await;
        self.counted(verdict)
    }

    /// As [`verify`](Self::verify), unless that would have to wait: then `None`. For whoever cannot wait, and for
    /// whoever would rather not box a future when there is nothing to wait for.
    pub fn verify_now(&self, token: &(impl AsRef<[u8]> + ?Sized)) -> Option<Result<Verified, Rejection>> {
        let verdict = self.shared.verify_now(token.as_ref())?;
        Some(self.counted(verdict))
    }

    fn counted(&self, verdict: Result<Verified, Rejection>) -> Result<Verified, Rejection> {
        self.shared.tally.count(&verdict);
        verdict
    }

    /// Keeps the keys fresh, for ever: select it against your shutdown, or spawn and abort it. Dropping it at any moment
    /// is safe. When several are polled one works and the others stand by.
    pub async fn run(&self) {
        let mut loops: Vec<Pin<Box<_>>> =
            self.shared.issuers.iter().map(|issuer| Box::pin(issuer.keys.run())).collect();
        // None of them ends.
        poll_fn(|context| {
            for each in &mut loops {
                let _ = each.as_mut().poll(context);
            }
            Poll::<()>::Pending
        })
        .await;
    }

    /// Returns once keys of every issuer are at hand, at once if they are. Says nothing about how long that takes: put
    /// a timeout around it.
    pub async fn until_usable(&self) {
        for issuer in &self.shared.issuers {
            issuer.keys.until_usable().await;
        }
    }

    /// How the verifier is at this moment.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::of(self.shared.issuers.iter().map(Issuer::health).collect())
    }

    /// What has happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let Shared { issuers, tally, .. } = &*self.shared;
        Counters {
            fetches: issuers.iter().map(|issuer| issuer.keys.fetches.load(Ordering::Relaxed)).sum(),
            fetch_failures: issuers
                .iter()
                .map(|issuer| issuer.keys.fetch_failures.load(Ordering::Relaxed))
                .sum(),
            verified: tally.verified(),
            rejections: tally.rejections(),
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trusts: Vec<_> = self.shared.issuers.iter().map(|issuer| &issuer.trust).collect();
        f.debug_struct("Verifier").field("trusts", &trusts).finish_non_exhaustive()
    }
}

impl Shared {
    fn verify_now(&self, bytes: &[u8]) -> Option<Result<Verified, Rejection>> {
        match self.read(bytes) {
            Ok((issuer, token)) => issuer.verify_now(&token),
            Err(reason) => Some(Err(reason.into())),
        }
    }

    async fn verify(&self, bytes: &[u8]) -> Result<Verified, Rejection> {
        let (issuer, token) = self.read(bytes)?;
        issuer.verify(&token).await
    }

    /// The token taken apart, and who is to judge it.
    fn read<'t>(&self, bytes: &'t [u8]) -> Result<(&Issuer, Token<'t>), Reason> {
        let token = Token::parse(bytes, &self.limits)?;
        let issuer = match self.issuers.as_slice() {
            [only] => only,
            several => unverified::issuer(&token, several, &self.limits)?,
        };
        Ok((issuer, token))
    }
}
