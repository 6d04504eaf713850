//! Tokens that the verifier has verified before. Where next: `unknown`.

use tokio::runtime::Runtime;
use verifier::testing::Issuer;

use crate::{Outcome, mint::Ready, rounds::nanoseconds_each};

/// How many verdicts one turn asks for.
const VERDICTS: usize = 4000;

pub(super) struct Hit {
    ready: Ready,
    /// Some tokens, over and over.
    tokens: Vec<String>,
}

impl Hit {
    pub(super) fn new(runtime: &Runtime, issuer: &Issuer, tokens: &[String]) -> Outcome<Self> {
        let tokens = tokens.iter().cloned().cycle().take(VERDICTS).collect();
        Ok(Self { ready: Ready::new(runtime, issuer)?, tokens })
    }

    pub(super) fn turn(&self) -> Outcome<f64> {
        let verifier = &self.ready.verifier;
        let before = verifier.counters().verified;
        let taken = nanoseconds_each(&self.tokens, |token| verifier.verify_now(token));
        let verified = verifier.counters().verified - before;
        if verified == VERDICTS as u64 { Ok(taken) } else { Err("a token was refused".into()) }
    }
}
