//! Whose tokens a service accepts, as settings.

use std::path::PathBuf;

use url::Url;
use verifier::{InvalidLimits, Trust, Verifier};

use crate::{ambient::Ambient, client::ClientSettings, settings::Reader};

/// The issuer a service trusts.
#[derive(Debug, Clone)]
pub struct TrustSettings {
    /// The issuer exactly as its tokens name it.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: Url,
    /// Where they are kept too, so that the service can start while the issuer is down.
    pub keys_dir: Option<PathBuf>,
    /// Where it tells what it revokes, if that is followed.
    pub feed: Option<FeedSettings>,
}

/// The issuer's feed of revocations.
#[derive(Debug, Clone)]
pub struct FeedSettings {
    /// The issuer's gRPC address.
    pub url: Url,
    /// Who follows it.
    pub client: ClientSettings,
}

impl TrustSettings {
    /// Reads `ISSUER`, `JWKS_URL`, `KEYS_DIR`, `FEED_URL` and, where that is set, what [`ClientSettings`] are made of.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let origin = Origin::read(reader);
        let feed_url = feed_url(reader);
        let because = feed_url.is_some().then_some("FEED_URL");
        let client = ClientSettings::read_optional(reader, origin.jwks_url.as_ref(), because);
        origin.trust(feed_url, client)
    }

    /// The same for a service that calls others, so that it is a client in any case.
    pub fn read_as_client(reader: &mut Reader<'_>) -> Option<(Self, ClientSettings)> {
        let origin = Origin::read(reader);
        let feed_url = feed_url(reader);
        let client = ClientSettings::read(reader, origin.jwks_url.as_ref());
        Some((origin.trust(feed_url, client.clone())?, client?))
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

/// Where the keys come from: what is read first.
struct Origin {
    issuer: Option<String>,
    jwks_url: Option<Url>,
    keys_dir: Option<PathBuf>,
}

impl Origin {
    fn read(reader: &mut Reader<'_>) -> Self {
        let issuer = reader.required("ISSUER", "The issuer exactly as access tokens name it (iss).");
        let jwks_url = reader.required("JWKS_URL", "Where the issuer publishes its keys (JWK set).");
        let keys_dir = reader.optional(
            "KEYS_DIR",
            "A folder of this service's own that keeps those keys and what the issuer revoked, to start while it is down; whoever can write there chooses both.",
        );
        Self { issuer, jwks_url, keys_dir }
    }

    fn trust(self, feed_url: Option<Url>, client: Option<ClientSettings>) -> Option<TrustSettings> {
        let feed = feed_url.zip(client).map(|(url, client)| FeedSettings { url, client });
        Some(TrustSettings { issuer: self.issuer?, jwks_url: self.jwks_url?, keys_dir: self.keys_dir, feed })
    }
}

fn feed_url(reader: &mut Reader<'_>) -> Option<Url> {
    reader.optional(
        "FEED_URL",
        "The issuer's gRPC address, where it tells what it revokes; if not set, tokens are good until they expire.",
    )
}
