//! Whom to trust: an issuer, what it may sign with, and who we are to it. Where next: `builder`.

use url::Url;

use crate::Algorithm;

/// Whom this service trusts, and who it is itself. Each issuer has its own keys, audience and algorithms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The issuer; `iss` must equal it to the letter (RFC 9068 §4).
    pub issuer: String,
    /// This service's own name; `aud` must contain it (RFC 9068 §4).
    pub audience: String,
    /// Where the issuer publishes its keys. Keys from here verify tokens of this issuer only.
    pub jwks_url: Url,
    /// What the issuer may sign with (RFC 8725 §3.1). A key is bound to one of these when it is fetched.
    pub algorithms: Vec<Algorithm>,
}

impl Trust {
    /// Trust in an issuer that signs with RS256.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, jwks_url: Url) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        Self { issuer, audience, jwks_url, algorithms: vec![Algorithm::Rs256] }
    }

    /// The same trust in an issuer that signs with these algorithms instead.
    #[must_use]
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        Self { algorithms: algorithms.into_iter().collect(), ..self }
    }

    /// One sentence for each mistake.
    pub(crate) fn faults(&self) -> impl Iterator<Item = String> {
        let url = &self.jwks_url;
        [
            (self.issuer.is_empty(), "issuer is empty"),
            (self.audience.is_empty(), "audience is empty"),
            (self.algorithms.is_empty(), "algorithms is empty"),
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
