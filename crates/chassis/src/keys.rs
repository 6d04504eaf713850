//! Whose tokens a service accepts, as settings.

use std::path::PathBuf;

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
    /// Where they are kept too, so that the service can start while the issuer is down.
    pub keys_dir: Option<PathBuf>,
}

impl TrustSettings {
    /// Reads `ISSUER`, `JWKS_URL` and `KEYS_DIR`.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let issuer = reader.required("ISSUER", "The issuer exactly as access tokens name it (iss).");
        let jwks_url = reader.required("JWKS_URL", "Where the issuer publishes its keys (JWK set).");
        let keys_dir = reader.optional(
            "KEYS_DIR",
            "A folder of this service's own that keeps those keys, to start while the issuer is down; whoever can write there chooses them.",
        );
        Some(Self { issuer: issuer?, jwks_url: jwks_url?, keys_dir })
    }

    /// A verifier for tokens meant for `audience`. It has no keys but those that were kept until it [runs](Verifier::run).
    ///
    /// # Errors
    /// When a limit is out of range.
    pub fn verifier(&self, audience: &str, ambient: &Ambient) -> Result<Verifier, InvalidLimits> {
        let trust = Trust::new(&self.issuer, audience, self.jwks_url.clone());
        let builder = Verifier::builder(trust).clock(ambient.clock.clone()).entropy(ambient.entropy.clone());
        match &self.keys_dir {
            Some(directory) => builder.snapshots(directory).build(),
            None => builder.build(),
        }
    }
}
