//! Building a verifier: whom to trust, by which numbers, with which clock. Where next: `verifier`.

use std::sync::Arc;

use identity::{Clock, Entropy, SystemClock, SystemEntropy};
use url::Url;

use crate::{
    InvalidLimits, Limits, Verifier,
    keys::{Endpoint, source::Source},
};

/// Whom this service trusts, and who it is itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The issuer; `iss` must equal it to the letter (RFC 9068 §4).
    pub issuer: String,
    /// This service's own name; `aud` must contain it (RFC 9068 §4).
    pub audience: String,
    /// Where the issuer publishes its keys. Keys from here verify tokens of this issuer only.
    pub jwks_url: Url,
}

/// Makes a [`Verifier`]; start with [`Verifier::builder`].
pub struct Builder {
    trust: Trust,
    limits: Limits,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    source: Option<Box<dyn Source>>,
}

impl Builder {
    pub(crate) fn new(trust: Trust) -> Self {
        Self {
            trust,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            source: None,
        }
    }

    /// Tells the time by `clock` instead of the system's. It decides what has expired; waiting is tokio's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Scatters refreshes by `entropy` instead of the system's.
    #[must_use]
    pub fn entropy(self, entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, ..self }
    }

    /// Goes by other numbers than the default ones.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Gets the key set out of memory instead of from `jwks_url`, so that tests can run under paused time.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn script(self, script: crate::testing::Script) -> Self {
        Self { source: Some(Box::new(script)), ..self }
    }

    /// The verifier. It knows no keys until its [`run`](Verifier::run) is polled.
    ///
    /// # Errors
    /// All numbers out of range, an empty issuer or audience, a key set URL that is not `http` or `https` or carries
    /// a password, and TLS that cannot be set up: all that apply, together.
    pub fn build(self) -> Result<Verifier, InvalidLimits> {
        let mut faults = self.limits.faults();
        faults.extend(self.trust.faults());
        if !faults.is_empty() {
            return Err(InvalidLimits { faults });
        }
        let source = match self.source {
            Some(source) => source,
            None => Box::new(Endpoint::new(self.trust.jwks_url.clone(), &self.limits).map_err(|error| {
                InvalidLimits { faults: vec![format!("the HTTP client cannot be set up: {error}")] }
            })?),
        };
        Ok(Verifier::new(self.trust, &self.limits, self.clock, self.entropy, source))
    }
}

impl Trust {
    fn faults(&self) -> impl Iterator<Item = String> {
        let url = &self.jwks_url;
        [
            (self.issuer.is_empty(), "issuer is empty"),
            (self.audience.is_empty(), "audience is empty"),
            (!matches!(url.scheme(), "http" | "https"), "jwks_url is neither http nor https"),
            (
                !url.username().is_empty() || url.password().is_some(),
                "jwks_url carries a user name or password",
            ),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, fault)| fault.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_reported_together() {
        let trust = Trust {
            issuer: String::new(),
            audience: String::new(),
            jwks_url: "ftp://user:password@auth.example/jwks".parse().unwrap(),
        };
        let limits = Limits { set_keys: 0, ..Limits::default() };
        let faults = Verifier::builder(trust).limits(limits).build().err().unwrap();
        assert_eq!(faults.faults.len(), 5, "{faults}");
        assert!(!faults.to_string().contains("user:"), "{faults}");
    }

    #[test]
    fn the_defaults_build() {
        let trust = Trust {
            issuer: "https://auth.example".into(),
            audience: "users".into(),
            jwks_url: "https://auth.example/.well-known/jwks.json".parse().unwrap(),
        };
        assert!(Verifier::builder(trust).build().is_ok());
    }
}
