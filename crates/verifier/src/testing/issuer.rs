//! An issuer for tests: a name, a clock and throwaway keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identity::Clock;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::{Answer, TokenBuilder, key::SigningKey};
use crate::{Algorithm, Trust};

/// An issuer whose keys live as long as the process.
pub struct Issuer {
    url: String,
    clock: Arc<dyn Clock>,
    keys: Mutex<Keys>,
}

/// What an issuer publishes (RFC 7517 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedKeys {
    /// The keys, the one that signs first.
    pub keys: Vec<Value>,
}

struct Keys {
    /// The one that signs first.
    published: Vec<Arc<SigningKey>>,
    next: usize,
}

impl Issuer {
    /// An issuer that calls itself `url`, dates its tokens by `clock` and signs with RS256.
    ///
    /// All issuers of a process start with the same key, since making one takes a moment.
    #[must_use]
    pub fn new(url: &str, clock: Arc<dyn Clock>) -> Self {
        Self::signing_with(Algorithm::Rs256, url, clock)
    }

    /// An issuer that signs with `algorithm`. Issuers for RS256 and for PS256 start with the same key, of one name.
    #[must_use]
    pub fn signing_with(algorithm: Algorithm, url: &str, clock: Arc<dyn Clock>) -> Self {
        let keys = Keys { published: vec![SigningKey::numbered(algorithm, 0)], next: 1 };
        Self { url: url.to_owned(), clock, keys: Mutex::new(keys) }
    }

    /// What `iss` says.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The trust of a service called `audience` whose keys come from a [`Script`](super::Script) in memory.
    #[must_use]
    pub fn trust(&self, audience: &str) -> Trust {
        self.trust_at(audience, "http://127.0.0.1:9/in-memory".parse().expect("a URL"))
    }

    /// The trust of a service called `audience` whose keys come from `jwks_url`: in the algorithm of the current key.
    #[must_use]
    pub fn trust_at(&self, audience: &str, jwks_url: Url) -> Trust {
        Trust::new(&self.url, audience, jwks_url).algorithms([self.signing_key().algorithm])
    }

    /// A token to be minted: a customer's, good for all four services for ten minutes, signed by the current key.
    pub fn token(&self) -> TokenBuilder {
        TokenBuilder::new(&self.url, self.clock.now(), self.signing_key())
    }

    /// The bare signature of the key that signs: nothing can issue a token in less time than this takes.
    #[must_use]
    pub fn signature(&self, message: &str) -> Vec<u8> {
        self.signing_key().sign(message)
    }

    /// The name of the key that signs.
    #[must_use]
    pub fn kid(&self) -> String {
        self.signing_key().kid.clone()
    }

    /// Publishes a new key and signs with it. The old ones stay published.
    pub fn rotate(&self) {
        self.rotate_to(self.signing_key().algorithm);
    }

    /// As [`rotate`](Self::rotate), to a key for `algorithm`.
    pub fn rotate_to(&self, algorithm: Algorithm) {
        let mut keys = self.keys();
        let key = SigningKey::numbered(algorithm, keys.next);
        keys.next += 1;
        keys.published.insert(0, key);
    }

    /// Publishes only the key that signs.
    pub fn withdraw_old(&self) {
        self.keys().published.truncate(1);
    }

    /// The published key set.
    #[must_use]
    pub fn key_set(&self) -> PublishedKeys {
        PublishedKeys { keys: self.keys().published.iter().map(|key| key.jwk.clone()).collect() }
    }

    /// The published key set as JSON.
    #[must_use]
    pub fn jwks(&self) -> String {
        serde_json::to_string(&self.key_set()).expect("a key set is JSON")
    }

    /// What a key endpoint answers: the key set, with an entity tag, good for five minutes.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer::keys(self.jwks())
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// In seconds, as claims are dated.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    pub(super) fn signing_key(&self) -> Arc<SigningKey> {
        Arc::clone(self.keys().published.first().expect("an issuer always has a key"))
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
