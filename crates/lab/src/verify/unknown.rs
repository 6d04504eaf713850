//! Tokens of which all but the signature may be good, each under a key of its own that nobody publishes: what a flood is
//! made of. Where next: `rival`.

use identity::SystemEntropy;
use tokio::runtime::Runtime;
use verifier::{Reason, testing::Issuer};

use crate::{Outcome, flood::Garbage, mint::Ready, rounds::nanoseconds_each};

const ATTEMPTS: usize = 20;

pub(super) struct Unknown {
    ready: Ready,
    tokens: Vec<String>,
}

impl Unknown {
    pub(super) fn new(runtime: &Runtime, issuer: &Issuer, number: usize) -> Outcome<Self> {
        let garbage = Garbage::like(&issuer.token().mint(), SystemEntropy)?;
        let tokens = (0..number).map(|_| garbage.token()).collect();
        Ok(Self { ready: Ready::new(runtime, issuer)?, tokens })
    }

    /// As long as a fetch on their behalf is under way they are worth waiting for: such a turn is taken again.
    pub(super) fn turn(&self) -> Outcome<f64> {
        let verifier = &self.ready.verifier;
        let refused = || verifier.counters().rejected(Reason::UnknownKey);
        for _ in 0..ATTEMPTS {
            let before = refused();
            let taken = nanoseconds_each(&self.tokens, |token| verifier.verify_now(token));
            if refused() - before >= self.tokens.len() as u64 * 9 / 10 {
                return Ok(taken);
            }
        }
        Err("they were not refused".into())
    }
}
