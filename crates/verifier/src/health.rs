//! How the verifier is: for a readiness probe and for the eyes of an operator.

use std::{fmt, io, time::Duration};

use crate::FetchFailure;

/// Whether tokens can be verified, and what stands in the way or soon may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Every issuer's key set is loaded and not past the stale limit. Stays true while an issuer is down and its keys
    /// are cached.
    pub usable: bool,
    /// Everything that is not as it should be, with any issuer; may be non-empty while `usable`.
    pub reasons: Vec<HealthReason>,
    /// The time since the issuer last confirmed its key set, of several the longest; `None` if one never did.
    pub key_set_age: Option<Duration>,
    /// How many keys can verify tokens.
    pub keys: usize,
    /// Each issuer by itself.
    pub issuers: Vec<IssuerHealth>,
}

/// How it stands with one issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerHealth {
    /// The issuer, as `iss` names it.
    pub issuer: String,
    /// A key set is loaded and not past the stale limit.
    pub usable: bool,
    /// Everything that is not as it should be; may be non-empty while `usable`.
    pub reasons: Vec<HealthReason>,
    /// The time since the issuer last confirmed the key set; `None` if it never did.
    pub key_set_age: Option<Duration>,
    /// How many of its keys can verify tokens.
    pub keys: usize,
    /// How many revocations are known.
    pub revocations: usize,
    /// How it stands with the feed of revocations, if it is followed.
    pub feed: Option<FeedHealth>,
}

/// How well the revocations of an issuer are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedHealth {
    /// The time since the issuer last said that nothing is missing; `None` if it never did.
    pub silent_for: Option<Duration>,
    /// The issuer's number of the last revocation that was heard of.
    pub last_seq: u64,
}

impl Health {
    pub(crate) fn of(issuers: Vec<IssuerHealth>) -> Self {
        let ages = issuers.iter().map(|issuer| issuer.key_set_age);
        Self {
            usable: issuers.iter().all(|issuer| issuer.usable),
            reasons: issuers.iter().flat_map(|issuer| issuer.reasons.iter().copied()).collect(),
            key_set_age: ages.reduce(|one, other| Some(one?.max(other?))).flatten(),
            keys: issuers.iter().map(|issuer| issuer.keys).sum(),
            issuers,
        }
    }
}

/// What is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HealthReason {
    /// No key set was ever fetched: every token under a plausible header is answered 503.
    NeverLoaded,
    /// The last successful fetch is too long ago: as if no key set had been fetched.
    PastStaleLimit,
    /// The last fetches failed; cached keys are used meanwhile.
    FetchFailing {
        /// How many in a row.
        attempts: u32,
        /// How the last one did.
        failure: FetchFailure,
    },
    /// Nobody runs [`Verifier::run`](crate::Verifier::run), so nothing is fetched.
    NotRunning,
    /// The feed of revocations is silent: what was revoked since then is not known here, and routes that must know answer
    /// 503. All others go on.
    FeedSilent {
        /// For how long; `None` if nothing was ever heard.
        since: Option<Duration>,
    },
    /// The last snapshot of the keys could not be written: a restart while the issuer is down would be without keys, or
    /// with older ones. Everything else goes on.
    SnapshotFailing {
        /// Why.
        failure: io::ErrorKind,
    },
    /// What was revoked last could not be written to disk: after a restart while the issuer is down it would be accepted.
    /// Everything else goes on.
    JournalFailing {
        /// Why.
        failure: io::ErrorKind,
    },
}

impl fmt::Display for HealthReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverLoaded => f.write_str("no key set was fetched yet"),
            Self::PastStaleLimit => f.write_str("the key set is too old to be used"),
            Self::FetchFailing { attempts, failure } => write!(f, "{failure} ({attempts} times in a row)"),
            Self::NotRunning => f.write_str("the background refresh does not run"),
            Self::FeedSilent { since: None } => f.write_str("no word was heard yet of what is revoked"),
            Self::FeedSilent { since: Some(since) } => {
                write!(f, "no word of what is revoked was heard for {} s", since.as_secs())
            }
            Self::SnapshotFailing { failure } => write!(f, "the keys cannot be kept on disk: {failure}"),
            Self::JournalFailing { failure } => {
                write!(f, "what is revoked cannot be kept on disk: {failure}")
            }
        }
    }
}
