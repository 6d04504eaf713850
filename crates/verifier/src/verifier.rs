//! The verifier itself: a token's way from text to claims. Where next: `issuer`, which judges, then `token` and `keys`.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::Poll,
    time::Duration,
};

use identity::{Clock, Entropy};
use jiff::Timestamp;

use crate::{
    Builder, Counters, Health, Limits, Reason, Rejection, Revocation, RevokeError, Trust, Url, Verified,
    bearer,
    cache::Cache,
    counters::Tally,
    issuer::Issuer,
    token::{KnownHeaders, Token, claims},
    unverified,
};

/// How often the memory of what is over is given back.
const TIDY_INTERVAL: Duration = Duration::from_mins(1);

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
    clock: Arc<dyn Clock>,
    known_headers: KnownHeaders,
    cache: Cache,
    tally: Tally,
    resource_metadata: Option<Arc<str>>,
}

impl Verifier {
    /// Starts building a verifier that trusts as `trust` says.
    #[must_use]
    pub fn builder(trust: Trust) -> Builder {
        Builder::new(trust)
    }

    pub(crate) fn new(
        issuers: Vec<Issuer>,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
        resource_metadata: Option<Url>,
    ) -> Self {
        let shared = Shared {
            issuers,
            limits: *limits,
            clock,
            known_headers: KnownHeaders::default(),
            cache: Cache::new(limits, entropy),
            tally: Tally::default(),
            resource_metadata: resource_metadata.map(|url| String::from(url).into()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What challenges point to (RFC 9728 §5.1).
    pub(crate) fn resource_metadata(&self) -> Option<Arc<str>> {
        self.shared.resource_metadata.clone()
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
            Err(rejection) => self.shared.counted(Err(rejection)),
        }
    }

    /// As [`authenticate`](Self::authenticate), unless that would have to wait: then `None`.
    pub fn authenticate_now<'a>(
        &self,
        authorization_values: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Result<Verified, Rejection>> {
        match bearer(authorization_values) {
            Ok(token) => self.verify_now(token),
            Err(rejection) => Some(self.shared.counted(Err(rejection))),
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
        self.shared.verify(token.as_ref()).await
    }

    /// As [`verify`](Self::verify), unless that would have to wait: then `None`. For whoever cannot wait, and for
    /// whoever would rather not box a future when there is nothing to wait for.
    pub fn verify_now(&self, token: &(impl AsRef<[u8]> + ?Sized)) -> Option<Result<Verified, Rejection>> {
        self.shared.verify_now(token.as_ref())
    }

    /// What `token` says, whomever it is meant for: for an issuer that is asked about its own tokens (RFC 7009, RFC
    /// 7662). Every rule of [`verify`](Self::verify) is kept but that the audience is ours, so it lets nobody in. It
    /// is not counted either.
    ///
    /// # Errors
    /// A [`Rejection`], as of [`verify`](Self::verify).
    pub async fn inspect(&self, token: &(impl AsRef<[u8]> + ?Sized)) -> Result<Verified, Rejection> {
        self.shared.inspect(token.as_ref()).await
    }

    /// Refuses what `issuer` has revoked, from now on and on every thread, tokens that were verified before included.
    ///
    /// # Errors
    /// If the issuer is not trusted here, or there would be too many: none of them was taken then.
    pub fn revoke(
        &self,
        issuer: &str,
        revocations: impl IntoIterator<Item = Revocation>,
    ) -> Result<(), RevokeError> {
        self.issuer(issuer)?.revocations.insert(revocations)
    }

    pub(crate) fn issuer(&self, name: &str) -> Result<&Issuer, RevokeError> {
        let issuer = self.shared.issuers.iter().find(|trusted| trusted.trust.issuer == name);
        issuer.ok_or(RevokeError::UnknownIssuer)
    }

    /// Whether all that the issuer of `token` had revoked by `most` ago is known here, if its feed is followed.
    pub(crate) fn hears(&self, token: &Verified, most: Duration) -> bool {
        let issuer = self.shared.issuers.get(token.parts().issuer);
        issuer.is_some_and(|issuer| issuer.standing.is_current(most))
    }

    /// Keeps the keys fresh, and forgets what is over, for ever: select it against your shutdown, or spawn and abort it. Dropping it at any moment
    /// is safe. When several are polled one works and the others stand by.
    pub async fn run(&self) {
        let mut loops: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> =
            vec![Box::pin(self.shared.tidy())];
        for issuer in &self.shared.issuers {
            loops.push(Box::pin(issuer.keys.run()));
        }
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
            snapshots: issuers.iter().map(|issuer| issuer.keys.snapshots().0).sum(),
            snapshot_failures: issuers.iter().map(|issuer| issuer.keys.snapshots().1).sum(),
            journal_writes: issuers.iter().map(|issuer| issuer.journal_writes().0).sum(),
            journal_failures: issuers.iter().map(|issuer| issuer.journal_writes().1).sum(),
            verified: tally.verified(),
            cache_hits: tally.cache_hits(),
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
        let now = self.clock.now();
        if let Some(verdict) = self.verify_again(bytes, now) {
            self.tally.count_again(&verdict);
            return Some(verdict);
        }
        let verdict = match self.read(bytes) {
            Ok((issuer, token)) => self.keep(&token, issuer.verify_now(&token, now, claims::check)?),
            Err(reason) => Err(reason.into()),
        };
        Some(self.counted(verdict))
    }

    async fn verify(&self, bytes: &[u8]) -> Result<Verified, Rejection> {
        if let Some(verdict) = self.verify_now(bytes) {
            return verdict;
        }
        // It could be read a moment ago, or there would be a verdict.
        let (issuer, token) = self.read(bytes)?;
        let verdict = issuer.verify_after_fetch(&token, claims::check).await;
        self.counted(self.keep(&token, verdict))
    }

    fn counted(&self, verdict: Result<Verified, Rejection>) -> Result<Verified, Rejection> {
        self.tally.count(&verdict);
        verdict
    }

    /// Neither asks the cache nor adds to it: what is accepted here is no caller.
    async fn inspect(&self, bytes: &[u8]) -> Result<Verified, Rejection> {
        let (issuer, token) = self.read(bytes)?;
        match issuer.verify_now(&token, self.clock.now(), claims::check_for_anybody) {
            Some(verdict) => verdict,
            None => issuer.verify_after_fetch(&token, claims::check_for_anybody).await,
        }
    }

    /// The verdict on a token that was verified a moment ago.
    fn verify_again(&self, bytes: &[u8], now: Timestamp) -> Option<Result<Verified, Rejection>> {
        let judge = |token: &Verified| self.issuers.get(token.parts().issuer)?.judge_again(token, now);
        Some(self.cache.find(bytes, now.as_second(), judge)?.map_err(Rejection::from))
    }

    /// The token taken apart, and who is to judge it.
    fn read<'t>(&self, bytes: &'t [u8]) -> Result<(&Issuer, Token<'t>), Reason> {
        let token = Token::parse(bytes, &self.limits, &self.known_headers)?;
        let issuer = match self.issuers.as_slice() {
            [only] => only,
            several => unverified::issuer(&token, several, &self.limits)?,
        };
        Ok((issuer, token))
    }

    /// Remembers what was accepted, and nothing else.
    fn keep(&self, token: &Token<'_>, verdict: Result<Verified, Rejection>) -> Result<Verified, Rejection> {
        if let Ok(verified) = &verdict {
            if !token.is_header_known {
                self.known_headers.remember(token.header_text, &token.header);
            }
            self.cache.insert(verified);
        }
        verdict
    }

    /// Gives back the memory of what is over.
    async fn tidy(&self) {
        loop {
            tokio::time::sleep(TIDY_INTERVAL).await;
            let now = self.clock.now().as_second();
            self.cache.sweep(now);
            for issuer in &self.issuers {
                // Where the two clocks are apart, a token may be accepted for that much longer.
                issuer.revocations.forget(now.saturating_sub_unsigned(2 * self.limits.leeway.as_secs()));
            }
        }
    }
}
