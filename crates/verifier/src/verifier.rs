//! The verifier itself: a token's way from text to claims. Where next: `token` and `keys`.

use std::{fmt, sync::Arc, sync::atomic::Ordering};

use identity::{Claims, Clock, Entropy};
use jiff::Timestamp;

use crate::{
    Builder, Counters, Health, Limits, Reason, Rejection, Trust,
    counters::Tally,
    keys::{Keys, source::Source},
    token::{Token, claims},
    unverified,
};

/// Verifies access tokens of one issuer for one audience, from keys it keeps fresh by itself.
///
/// A clone is the same verifier. Somebody must poll [`run`](Self::run), or there are never any keys.
#[derive(Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
}

struct Shared {
    trust: Trust,
    limits: Limits,
    clock: Arc<dyn Clock>,
    keys: Keys,
    tally: Tally,
}

impl Verifier {
    /// Starts building a verifier that trusts as `trust` says.
    #[must_use]
    pub fn builder(trust: Trust) -> Builder {
        Builder::new(trust)
    }

    pub(crate) fn new(
        trust: Trust,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        source: Box<dyn Source>,
    ) -> Self {
        let keys = Keys::new(&trust.issuer, limits, Arc::clone(&clock), entropy, source);
        Self { shared: Arc::new(Shared { trust, limits: *limits, clock, keys, tally: Tally::default() }) }
    }

    /// What `token`, a JWT in compact form (RFC 7519 §3), says, once every rule has been kept (RFC 9068 §4).
    ///
    /// Under a known key this never waits. Under an unknown one it may wait for a fetch, 1 s at most, if all but the
    /// signature is in order.
    ///
    /// # Errors
    /// A [`Rejection`]: [`Reason::Unavailable`] only if the token might be good and no usable keys are at hand.
    pub async fn verify(&self, token: &str) -> Result<Arc<Claims>, Rejection> {
        let outcome = self.shared.verify(token).await;
        self.shared.tally.count(&outcome);
        outcome
    }

    /// Keeps the keys fresh, for ever: select it against your shutdown, or spawn and abort it. Dropping it at any moment
    /// is safe. When several are polled one works and the others stand by.
    pub async fn run(&self) {
        self.shared.keys.run().await;
    }

    /// Returns once keys are at hand, at once if they are. Says nothing about how long that takes: put a timeout
    /// around it.
    pub async fn until_usable(&self) {
        self.shared.keys.until_usable().await;
    }

    /// How the verifier is at this moment.
    #[must_use]
    pub fn health(&self) -> Health {
        let keys = &self.shared.keys;
        let now = self.shared.clock.now();
        let loaded = keys.store.load();
        Health {
            usable: keys.store.is_usable(now),
            reasons: keys.complaints(),
            key_set_age: loaded.as_ref().map(|loaded| loaded.age(now)),
            keys: loaded.as_ref().map_or(0, |loaded| loaded.keys.len()),
        }
    }

    /// What has happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let Shared { keys, tally, .. } = &*self.shared;
        Counters {
            fetches: keys.fetches.load(Ordering::Relaxed),
            fetch_failures: keys.fetch_failures.load(Ordering::Relaxed),
            verified: tally.verified(),
            rejections: tally.rejections(),
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("trust", &self.shared.trust).finish_non_exhaustive()
    }
}

impl Shared {
    async fn verify(&self, text: &str) -> Result<Arc<Claims>, Rejection> {
        let token = Token::parse(text, &self.limits)?;
        if let Some(outcome) = self.verify_at_once(&token, self.clock.now()) {
            return Ok(outcome?);
        }
        unverified::look(&token, &self.trust, &self.limits, self.clock.now())?;
        self.keys.seek(&token.kid, || self.at_hand(&token.kid)).await;

        let now = self.clock.now();
        match self.verify_at_once(&token, now) {
            Some(outcome) => Ok(outcome?),
            None if self.keys.store.is_usable(now) => Err(Reason::UnknownKey.into()),
            None => Err(Rejection::unavailable(self.keys.retry_after())),
        }
    }

    /// The verdict, or `None` if there is no usable key of the token's name.
    fn verify_at_once(&self, token: &Token<'_>, now: Timestamp) -> Option<Result<Arc<Claims>, Reason>> {
        let loaded = self.keys.store.load();
        let loaded = loaded.as_ref().filter(|loaded| self.keys.store.may_serve(loaded, now))?;
        let key = loaded.keys.find(&self.trust.issuer, &token.kid)?;
        Some(self.judge(token, now, key.verifies(token.signed.as_bytes(), &token.signature)))
    }

    /// The signature first: unsigned claims are not worth reading.
    fn judge(&self, token: &Token<'_>, now: Timestamp, authentic: bool) -> Result<Arc<Claims>, Reason> {
        if !authentic {
            return Err(Reason::Signature);
        }
        let claims = claims::parse(&token.payload, &self.limits)?;
        claims::check(&claims, &self.trust, &self.limits, now)?;
        Ok(Arc::new(claims))
    }

    fn at_hand(&self, kid: &str) -> bool {
        let loaded = self.keys.store.load();
        let usable = loaded.as_ref().filter(|loaded| self.keys.store.may_serve(loaded, self.clock.now()));
        usable.is_some_and(|loaded| loaded.keys.find(&self.trust.issuer, kid).is_some())
    }
}
