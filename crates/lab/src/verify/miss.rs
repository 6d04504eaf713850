//! Tokens that the verifier has never seen. Where next: `hit`.

use tokio::runtime::Runtime;
use verifier::testing::Issuer;

use crate::{Outcome, mint::Ready, rounds::nanoseconds_each};

pub(super) struct Miss<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) issuer: &'a Issuer,
    pub(super) tokens: &'a [String],
    pub(super) others: &'a [String],
}

impl Miss<'_> {
    /// The verifier is new in every turn, so that it remembers none of them, but it has been at work on others.
    pub(super) fn turn(&self) -> Outcome<f64> {
        let Ready { verifier, .. } = &Ready::new(self.runtime, self.issuer)?;
        let others = self.others.iter().all(|token| matches!(verifier.verify_now(token), Some(Ok(_))));
        let taken = nanoseconds_each(self.tokens, |token| verifier.verify_now(token));
        let verified = verifier.counters().verified;
        if others && verified == (self.others.len() + self.tokens.len()) as u64 {
            Ok(taken)
        } else {
            Err("a token was refused".into())
        }
    }
}
