//! The published key set (RFC 7517 §5), written once whenever keys change: answering copies nothing and takes no
//! database and no cryptography.

use std::{borrow::Cow, time::Duration};

use actix_web::web::Bytes;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{JwkSet, PublicJwk};
use jiff::Timestamp;

use crate::domain::lifetime::elapsed;

/// How long a verifier may show the old set while it fetches the new one.
const WHILE_REVALIDATE: Duration = Duration::from_mins(1);
/// How long a verifier may go on with what it has when the issuer does not answer.
const IF_ERROR: Duration = Duration::from_hours(24);

/// The shortest time for which the set may be kept.
const AT_LEAST: Duration = Duration::from_secs(1);

/// A key set, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedKeys {
    /// The JSON document.
    pub(crate) body: Bytes,
    /// A strong entity tag, quotes included (RFC 9110 §8.8.3).
    pub(crate) etag: String,
    cache_control: String,
    max_age: Duration,
    changes_at: Option<Timestamp>,
}

impl PublishedKeys {
    /// Writes the set. `max_age` is how long verifiers may keep it without asking, but not beyond `changes_at`, when
    /// keys change by themselves.
    pub(crate) fn new(
        keys: Vec<PublicJwk>,
        max_age: Duration,
        changes_at: Option<Timestamp>,
    ) -> Result<Self, serde_json::Error> {
        let body = Bytes::from(serde_json::to_vec(&JwkSet { keys })?);
        let hash = digest::digest(&digest::SHA256, &body);
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash));
        Ok(Self { body, etag, cache_control: cache_control(max_age), max_age, changes_at })
    }

    /// The `Cache-Control` value at `now` (RFC 9111 §5.2, RFC 5861).
    pub(crate) fn cache_control(&self, now: Timestamp) -> Cow<'_, str> {
        let left = self.changes_at.map(|at| elapsed(now, at)).filter(|left| *left < self.max_age);
        // Whoever asks in the very second of a change asks again in the next one.
        left.map_or(Cow::Borrowed(&self.cache_control), |left| cache_control(left.max(AT_LEAST)).into())
    }

    /// Whether the value of an `If-None-Match` header names this set (RFC 9110 §13.1.2: compared weakly).
    pub(crate) fn is_known_to(&self, if_none_match: &str) -> bool {
        if_none_match
            .split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
    }
}

fn cache_control(max_age: Duration) -> String {
    format!(
        "public, max-age={}, stale-while-revalidate={}, stale-if-error={}",
        max_age.as_secs(),
        WHILE_REVALIDATE.min(max_age).as_secs(),
        IF_ERROR.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(kid: &str) -> PublishedKeys {
        PublishedKeys::new(
            vec![PublicJwk::rs256(kid.into(), "n".into(), "AQAB".into())],
            Duration::from_mins(5),
            Some(Timestamp::from_second(10_000).unwrap()),
        )
        .unwrap()
    }

    #[test]
    fn the_tag_follows_the_content() {
        assert_eq!(published("a"), published("a"));
        assert_ne!(published("a").etag, published("b").etag);
    }

    #[test]
    fn a_client_that_has_the_set_is_recognised() {
        let keys = published("a");
        for known in
            [keys.etag.clone(), format!("W/{}", keys.etag), format!("\"x\", {}", keys.etag), "*".into()]
        {
            assert!(keys.is_known_to(&known), "{known}");
        }
        for unknown in ["", "\"x\"", keys.etag.trim_matches('"')] {
            assert!(!keys.is_known_to(unknown), "{unknown}");
        }
    }

    #[test]
    fn caches_learn_how_long_they_may_keep_it() {
        let policy = |now| published("a").cache_control(Timestamp::from_second(now).unwrap()).into_owned();
        let (always, to_the_change) =
            ("stale-while-revalidate=60, stale-if-error=86400", "stale-if-error=86400");
        assert_eq!(policy(9_000), format!("public, max-age=300, {always}"));
        assert_eq!(policy(9_800), format!("public, max-age=200, {always}"));
        assert_eq!(policy(9_990), format!("public, max-age=10, stale-while-revalidate=10, {to_the_change}"));
        for late in [10_000, 20_000] {
            let expected = format!("public, max-age=1, stale-while-revalidate=1, {to_the_change}");
            assert_eq!(policy(late), expected, "asks until it has changed");
        }
    }
}
