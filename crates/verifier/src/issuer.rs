//! One issuer that is trusted, with its keys: where a token is judged. Where next: `token`, then `keys`.

use std::sync::Arc;

use identity::{Claims, Clock, Entropy};
use jiff::Timestamp;

#[cfg(feature = "feed")]
use crate::feed::journal::Journal;
use crate::{
    FeedHealth, HealthReason, IssuerHealth, Limits, Reason, Rejection, Trust, Verified,
    keys::{Keys, Ruling},
    revocation::{Clear, SILENCE, Standing, View},
    token::{
        Token,
        claims::{self, Rules},
    },
    unverified,
    verified::Parts,
};

/// An issuer, and all that is known about it.
pub(crate) struct Issuer {
    /// Which one it is of those that the verifier trusts.
    index: usize,
    pub(crate) trust: Trust,
    pub(crate) keys: Keys,
    pub(crate) revocations: View,
    pub(crate) standing: Standing,
    /// What is known of the revocations, on disk.
    #[cfg(feature = "feed")]
    pub(crate) journal: Option<Arc<Journal>>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Issuer {
    pub(crate) fn new(
        index: usize,
        trust: Trust,
        keys: Keys,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> Self {
        let revocations = View::new(limits.revocations, entropy);
        Self {
            index,
            trust,
            keys,
            revocations,
            standing: Standing::new(),
            #[cfg(feature = "feed")]
            journal: None,
            limits: *limits,
            clock,
        }
    }

    /// The same, refusing what `journal` has kept, and with what is revoked later kept there.
    #[cfg(feature = "feed")]
    pub(crate) fn with_journal(self, journal: Journal) -> Self {
        if let Some(place) = journal.restore(&self.revocations) {
            self.standing.restore(place.seq);
        }
        Self { journal: Some(Arc::new(journal)), ..self }
    }

    /// How many times revocations were written to disk, and how many times they could not be.
    pub(crate) fn journal_writes(&self) -> (u64, u64) {
        #[cfg(feature = "feed")]
        return self.journal.as_ref().map(|journal| journal.outcomes.counts()).unwrap_or_default();
        #[cfg(not(feature = "feed"))]
        (0, 0)
    }

    /// What is wrong with the journal, if there is one.
    fn forgetfulness(&self) -> Option<HealthReason> {
        #[cfg(feature = "feed")]
        {
            let failure = self.journal.as_ref()?.outcomes.failing()?;
            Some(HealthReason::JournalFailing { failure })
        }
        #[cfg(not(feature = "feed"))]
        None
    }

    /// The verdict, or `None` if it is worth to wait for a fetch that may bring the token's key.
    pub(crate) fn verify_now(
        &self,
        token: &Token<'_>,
        now: Timestamp,
        rules: Rules,
    ) -> Option<Result<Verified, Rejection>> {
        if let Some(verdict) = self.judge(token, now, rules) {
            return Some(verdict.map_err(Rejection::from));
        }
        if let Err(reason) = unverified::look(token, &self.trust, &self.limits, now, rules) {
            return Some(Err(reason.into()));
        }
        match self.keys.rule(&token.header.kid) {
            Ruling::Refuse => Some(Err(self.keyless(now))),
            Ruling::Await(_) => None,
        }
    }

    /// The verdict after a wait for a fetch that may bring the token's key.
    pub(crate) async fn verify_after_fetch(
        &self,
        token: &Token<'_>,
        rules: Rules,
    ) -> Result<Verified, Rejection> {
        self.keys.seek(&token.header.kid, || self.has_key(token)).await;
        let now = self.clock.now();
        self.judge(token, now, rules)
            .map_or_else(|| Err(self.keyless(now)), |verdict| verdict.map_err(Rejection::from))
    }

    /// The verdict on a token that was verified before, if it was by the keys that are in use now: all the rules but
    /// the signature's once more.
    pub(crate) fn judge_again(&self, token: &Verified, now: Timestamp) -> Option<Result<(), Reason>> {
        let may_serve = self.keys.store.still_serves(token.parts().key_set, now);
        may_serve.then(|| self.check(token, now, claims::check_again))
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
    fn judge(&self, token: &Token<'_>, now: Timestamp, rules: Rules) -> Option<Result<Verified, Reason>> {
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
        if !key.verifies(token.signed, token.signature()) {
            return Some(Err(Reason::Signature));
        }
        Some(self.accept(token, loaded.version, now, rules))
    }

    fn accept(
        &self,
        token: &Token<'_>,
        key_set: u64,
        now: Timestamp,
        rules: Rules,
    ) -> Result<Verified, Reason> {
        let claims: Claims = claims::parse(token.payload(), &self.limits)?;
        // Itself, its text, and its claims, which are no longer than the JSON they were read from.
        let size =
            size_of::<Parts>() + token.text.len() + token.payload().len() + size_of_val(&*claims.audience);
        let verified = Verified::new(Parts {
            token: token.text.into(),
            marks: self.revocations.marks(&claims, &token.header.kid),
            claims,
            clear: Clear::never(),
            issuer: self.index,
            key_set,
            verified_at: now.as_second(),
            size,
        });
        self.check(&verified, now, rules)?;
        Ok(verified)
    }

    /// All that can change while the signature stays good.
    fn check(&self, token: &Verified, now: Timestamp, rules: Rules) -> Result<(), Reason> {
        let Parts { claims, marks, clear, .. } = token.parts();
        rules(claims, &self.trust, &self.limits, now)?;
        if self.revocations.revokes(marks, claims.version, clear) { Err(Reason::Revoked) } else { Ok(()) }
    }

    /// How it stands with this issuer.
    pub(crate) fn health(&self) -> IssuerHealth {
        let now = self.clock.now();
        let (loaded, complaints) = (self.keys.store.load(), self.keys.complaints());
        IssuerHealth {
            issuer: self.trust.issuer.clone(),
            usable: self.keys.store.is_usable(now),
            reasons: complaints.into_iter().chain(self.deafness()).chain(self.forgetfulness()).collect(),
            key_set_age: loaded.as_ref().map(|loaded| loaded.age(now)),
            revocations: self.revocations.len(),
            feed: self.standing.is_followed().then(|| FeedHealth {
                silent_for: self.standing.silence(),
                last_seq: self.standing.last_seq(),
            }),
            keys: loaded.as_ref().map_or(0, |loaded| loaded.keys.len()),
        }
    }

    /// What is wrong with the feed of revocations, if it is followed.
    fn deafness(&self) -> Option<HealthReason> {
        let silence = self.standing.silence();
        let is_silent = self.standing.is_followed() && silence.is_none_or(|silence| silence > SILENCE);
        is_silent.then_some(HealthReason::FeedSilent { since: silence })
    }

    fn has_key(&self, token: &Token<'_>) -> bool {
        let loaded = self.keys.store.load();
        let usable = loaded.as_ref().filter(|loaded| self.keys.store.may_serve(loaded, self.clock.now()));
        usable.is_some_and(|loaded| loaded.keys.find(&token.header.kid).is_some())
    }
}
