//! Building a verifier: whom to trust, by which numbers, with which clock. Where next: `verifier`.

use std::{path::PathBuf, sync::Arc};

use identity::{Clock, Entropy, SystemClock, SystemEntropy};
use url::Url;

#[cfg(feature = "feed")]
use crate::feed::journal::Journal;
use crate::{
    InvalidLimits, Limits, Trust, Verifier,
    issuer::Issuer,
    keys::{Archive, Endpoint, Keys, source::Source},
};

/// How many issuers one verifier may trust.
const MAX_ISSUERS: usize = 16;

/// Makes a [`Verifier`]; start with [`Verifier::builder`].
pub struct Builder {
    trusts: Vec<(Trust, Option<Box<dyn Source>>)>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    resource_metadata: Option<Url>,
    snapshots: Option<PathBuf>,
}

impl Builder {
    pub(crate) fn new(trust: Trust) -> Self {
        Self {
            trusts: vec![(trust, None)],
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            resource_metadata: None,
            snapshots: None,
        }
    }

    /// Trusts another issuer too. A token is judged by the keys, the audience and the algorithms of the issuer it
    /// names, and by nobody else's.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trusts.push((trust, None));
        self
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

    /// Tells whoever is not let in where this service's metadata is (RFC 9728 §5.1): from there a client learns which
    /// issuer to ask for a token.
    #[must_use]
    pub fn resource_metadata(self, url: Url) -> Self {
        Self { resource_metadata: Some(url), ..self }
    }

    /// Keeps the key sets on disk too, so that a replica can start while an issuer is down. Whoever may write to
    /// `directory` chooses whose tokens are accepted: give each service one of its own. It is made, for its owner
    /// alone, unless it is there.
    ///
    /// [`build`](Self::build) reads what is there, one file for each issuer, 1 MiB of it at most. What it finds is as
    /// good as if it had been fetched when the issuer last confirmed it: it serves until the stale limit, and a fetch is due
    /// at once. A file that is damaged, too old, dated in the future, about another issuer or URL, or that others own
    /// or may write, is ignored with a warning. After each successful fetch the file is replaced, away from async threads;
    /// if that fails, [`Verifier::health`] tells and nothing else changes.
    ///
    /// With the feature `feed`, what a feed tells is kept there too, in a file of its own for each issuer, under the same rules:
    /// a token that was revoked stays refused when the replica starts again, whether the issuer can be heard or not, and
    /// the feed tells only what came later. A million revocations take about a second to read. Whoever may write there
    /// can also take revocations back. Of several processes that share a folder one writes that file.
    #[must_use]
    pub fn snapshots(self, directory: impl Into<PathBuf>) -> Self {
        Self { snapshots: Some(directory.into()), ..self }
    }

    /// Gets the key set of the issuer trusted last out of memory instead of from its `jwks_url`, so that tests can run
    /// under paused time.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn script(mut self, script: crate::testing::Script) -> Self {
        if let Some((_, source)) = self.trusts.last_mut() {
            *source = Some(Box::new(script));
        }
        self
    }

    /// The verifier. It knows no keys but those of [`snapshots`](Self::snapshots) until its [`run`](Verifier::run) is
    /// polled.
    ///
    /// # Errors
    /// All numbers out of range, an empty issuer or audience, an issuer named twice, a key set URL that is not `http` or
    /// `https` or carries a password, such a metadata URL or one with a fragment, and TLS that cannot be set up: all that
    /// apply, together.
    pub fn build(self) -> Result<Verifier, InvalidLimits> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(InvalidLimits { faults });
        }
        let Self { trusts, limits, clock, entropy, resource_metadata, snapshots } = self;
        let issuer = |(index, (trust, source)): (usize, (Trust, Option<Box<dyn Source>>))| {
            let source = match source {
                Some(source) => source,
                None => Box::new(Endpoint::new(trust.jwks_url.clone(), &limits)?),
            };
            let keys = Keys::new(&trust, &limits, Arc::clone(&clock), Arc::clone(&entropy), source);
            let keys = match &snapshots {
                Some(directory) => {
                    let archive = Archive::new(directory.clone(), &trust, Arc::clone(&entropy));
                    keys.with_archive(archive, &trust)
                }
                None => keys,
            };
            let issuer = Issuer::new(index, trust, keys, &limits, Arc::clone(&clock), entropy.as_ref());
            #[cfg(feature = "feed")]
            let issuer = match &snapshots {
                Some(directory) => {
                    let (name, clock, entropy) =
                        (&issuer.trust.issuer, Arc::clone(&clock), Arc::clone(&entropy));
                    let journal = Journal::new(directory.clone(), name, &limits, clock, entropy);
                    issuer.with_journal(journal)
                }
                None => issuer,
            };
            Ok(issuer)
        };
        let issuers: Result<Vec<_>, reqwest::Error> = trusts.into_iter().enumerate().map(issuer).collect();
        let issuers = issuers.map_err(|error| InvalidLimits {
            faults: vec![format!("the HTTP client cannot be set up: {error}")],
        })?;
        Ok(Verifier::new(issuers, &limits, clock, entropy.as_ref(), resource_metadata))
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.limits.faults();
        faults.extend(self.trusts.iter().flat_map(|(trust, _)| trust.faults()));
        let mut names: Vec<_> = self.trusts.iter().map(|(trust, _)| trust.issuer.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            faults.push("an issuer is trusted twice".to_owned());
        }
        faults.extend(self.resource_metadata.iter().filter_map(metadata_fault));
        if names.len() > MAX_ISSUERS {
            faults.push(format!("{} issuers are trusted, {MAX_ISSUERS} at most", names.len()));
        }
        faults
    }
}

/// It is shown to everybody, in a quoted string of a header (RFC 9110 §5.6.4), as it is.
fn metadata_fault(url: &Url) -> Option<String> {
    let public = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let plain = matches!(url.scheme(), "http" | "https") && !url.as_str().contains(['"', '\\']);
    let fault = "resource_metadata is not a plain http or https URL without user name, password and fragment";
    (!(public && plain)).then(|| fault.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_shown_to_everybody() {
        let fault = |url: &str| metadata_fault(&url.parse().unwrap());
        for good in ["https://api.example/.well-known/oauth-protected-resource", "http://127.0.0.1/?a=\"b\""]
        {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "https://me:secret@api.example/",
            "ftp://api.example/",
            "https://api.example/#a",
            "https://a/?\\",
        ] {
            assert!(fault(bad).is_some_and(|fault| !fault.contains("secret")), "{bad}");
        }
    }

    #[test]
    fn all_mistakes_are_reported_together() {
        let trust = Trust::new("", "", "ftp://user:password@auth.example/jwks".parse().unwrap());
        let limits = Limits { set_keys: 0, ..Limits::default() };
        let faults = Verifier::builder(trust).limits(limits).build().err().unwrap();
        assert_eq!(faults.faults.len(), 5, "{faults}");
        assert!(!faults.to_string().contains("user:"), "{faults}");
    }

    #[test]
    fn the_defaults_build() {
        let url = "https://auth.example/.well-known/jwks.json".parse().unwrap();
        let trust = Trust::new("https://auth.example", "users", url);
        assert!(Verifier::builder(trust).build().is_ok());
    }
}
