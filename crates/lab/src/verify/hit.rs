//! Tokens that the verifier has verified before, while it knows of a million things that were revoked. Where next:
//! `unknown`.

use std::cell::Cell;

use identity::{SessionId, SystemClock, SystemEntropy};
use tokio::runtime::Runtime;
use verifier::{Clock, Revocation, Revoked, testing::Issuer};

use crate::{Outcome, mint::Ready, rounds::nanoseconds_each};

const REVOCATIONS: usize = 1_000_000;
/// How many tokens are asked about in one go, and how many goes make a turn.
const VERDICTS: usize = 1_000;
const GOES: usize = 4;

pub(super) struct Hit<'a> {
    ready: Ready,
    issuer: &'a Issuer,
    /// All that was asked so far. Each was answered from memory, but for the first two times.
    asked: Cell<u64>,
}

impl<'a> Hit<'a> {
    pub(super) fn new(runtime: &Runtime, issuer: &'a Issuer, tokens: &[String]) -> Outcome<Self> {
        let hit = Self { ready: Ready::new(runtime, issuer)?, issuer, asked: Cell::default() };
        hit.revoke(REVOCATIONS)?;
        // What comes a second time is remembered.
        let mut twice = tokens.iter().chain(tokens);
        if twice.all(|token| matches!(hit.ready.verifier.verify_now(token), Some(Ok(_)))) {
            Ok(hit)
        } else {
            Err("a token was refused".into())
        }
    }

    /// Ends so many sessions that none of the tokens belongs to.
    fn revoke(&self, number: usize) -> Outcome<()> {
        let forget_at = SystemClock.now().as_second() + 3600;
        let end = || Revoked::Session(SessionId::generate(&SystemClock, &SystemEntropy));
        let ends = (0..number).map(|_| Revocation { what: end(), forget_at });
        Ok(self.ready.verifier.revoke(self.issuer.url(), ends)?)
    }

    /// Asks about `tokens` over and over.
    pub(super) fn turn(&self, tokens: &[String]) -> Outcome<f64> {
        self.many(tokens, || Ok(()))
    }

    /// The same while more is revoked: so many sessions every thousand tokens.
    pub(super) fn turn_while_revoking(&self, sessions: usize, tokens: &[String]) -> Outcome<f64> {
        self.many(tokens, || self.revoke(sessions))
    }

    /// The first go is not timed: it finds the processor's caches as the turn before has left them.
    fn many(&self, tokens: &[String], before: impl Fn() -> Outcome<()>) -> Outcome<f64> {
        self.go(tokens)?;
        let mut taken = 0.0;
        for _ in 0..GOES {
            before()?;
            taken += self.go(tokens)?;
        }
        Ok(taken / GOES as f64)
    }

    fn go(&self, tokens: &[String]) -> Outcome<f64> {
        let verifier = &self.ready.verifier;
        let asked: Vec<&str> = tokens.iter().map(String::as_str).cycle().take(VERDICTS).collect();
        let taken = nanoseconds_each(&asked, |token| verifier.verify_now(*token));
        self.asked.set(self.asked.get() + VERDICTS as u64);
        // What has grown old meanwhile, or was pushed out, is verified once more.
        let enough = self.asked.get() / 100 * 95;
        if verifier.counters().cache_hits >= enough {
            Ok(taken)
        } else {
            Err("they were not remembered".into())
        }
    }
}
