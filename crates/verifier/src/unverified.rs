//! **Quarantine.** The only place that reads claims whose signature is not verified.
//!
//! It exists for one decision: is a token under an unknown key worth the network? A token that would be refused
//! even if its signature were good is not (nor may it learn that keys are missing: it gets its 401, never a 503).
//! What is read here leaves as yes or no; no claim does. Where next: `verifier`.

use jiff::Timestamp;

use crate::{
    Limits, Reason, Trust,
    token::{Token, claims},
};

/// Whether `token` would be accepted if its signature were good: the same rules, not a copy of them.
pub(crate) fn look(token: &Token<'_>, trust: &Trust, limits: &Limits, now: Timestamp) -> Result<(), Reason> {
    let unverified = claims::parse(&token.payload, limits)?;
    claims::check(&unverified, trust, limits, now)
}
