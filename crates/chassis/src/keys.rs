//! Whose tokens a service accepts, as settings.

use url::Url;
use verifier::{InvalidLimits, Trust, Verifier};

use crate::{ambient::Ambient, settings::Reader};

/// The issuer a service trusts.
#[derive(Debug, Clone)]
pub struct TrustSettings {
    /// The issuer exactly as its tokens name it.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: Url,
}

impl TrustSettings {
    /// Reads `ISSUER` and `JWKS_URL`.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let issuer = reader.required("ISSUER", "The issuer exactly as access tokens name it (iss).");
        let jwks_url = reader.required("JWKS_URL", "Where the issuer publishes its keys (JWK set).");
        Some(Self { issuer: issuer?, jwks_url: jwks_url? })
    }

    /// A verifier for tokens meant for `audience`. It has no keys until it [runs](Verifier::run).
    ///
    /// # Errors
    /// When a limit is out of range.
    pub fn verifier(&self, audience: &str, ambient: &Ambient) -> Result<Verifier, InvalidLimits> {
        let trust = Trust::new(&self.issuer, audience, self.jwks_url.clone());
        Verifier::builder(trust).clock(ambient.clock.clone()).entropy(ambient.entropy.clone()).build()
    }
}
