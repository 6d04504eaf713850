//! **Quarantine.** The only place that reads claims whose signature is not verified.
//!
//! It exists for two decisions. Whose keys are to judge a token, where several issuers are trusted? And is a token under
//! an unknown key worth the network? One that would be refused even if its signature were good is not (nor may it
//! learn that keys are missing: it gets its 401, never a 503). What is read here leaves as one of our own issuers or
//! as yes or no; no claim does. Where next: `issuer`.

use jiff::Timestamp;

use crate::{
    Limits, Reason, Trust,
    issuer::Issuer,
    token::{
        Token,
        claims::{self, Rules},
    },
};

/// Which of several issuers `token` says it is from: where to look for its key, which then decides.
pub(crate) fn issuer<'a>(
    token: &Token<'_>,
    issuers: &'a [Issuer],
    limits: &Limits,
) -> Result<&'a Issuer, Reason> {
    let unverified = claims::parse(token.payload(), limits)?;
    issuers.iter().find(|issuer| issuer.trust.issuer == unverified.issuer).ok_or(Reason::Issuer)
}

/// Whether `token` would be accepted if its signature were good: the same rules, not a copy of them.
pub(crate) fn look(
    token: &Token<'_>,
    trust: &Trust,
    limits: &Limits,
    now: Timestamp,
    rules: Rules,
) -> Result<(), Reason> {
    let unverified = claims::parse(token.payload(), limits)?;
    rules(&unverified, trust, limits, now)
}
