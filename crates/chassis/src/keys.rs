//! Whose tokens a service accepts, as settings.

use std::path::PathBuf;

use secrecy::SecretString;
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
    /// Where it tells what it revokes, if that is followed.
    pub feed: Option<FeedSettings>,
}

/// The issuer's feed of revocations.
#[derive(Debug, Clone)]
pub struct FeedSettings {
    /// The issuer's gRPC address.
    pub url: Url,
    /// Where it grants tokens to clients.
    pub token_url: Url,
    /// This service's name there.
    pub client_id: String,
    /// By what it is known to be it.
    pub client_secret: SecretString,
}

impl TrustSettings {
    /// Reads `ISSUER`, `JWKS_URL`, `KEYS_DIR` and what [`FeedSettings`] are made of.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let issuer = reader.required("ISSUER", "The issuer exactly as access tokens name it (iss).");
        let jwks_url = reader.required("JWKS_URL", "Where the issuer publishes its keys (JWK set).");
        let keys_dir = reader.optional(
            "KEYS_DIR",
            "A folder of this service's own that keeps those keys and what the issuer revoked, to start while it is down; whoever can write there chooses both.",
        );
        let feed = FeedSettings::read(reader, jwks_url.as_ref());
        Some(Self { issuer: issuer?, jwks_url: jwks_url?, keys_dir, feed })
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

impl FeedSettings {
    fn read(reader: &mut Reader<'_>, jwks_url: Option<&Url>) -> Option<Self> {
        let url: Option<Url> = reader.optional(
            "FEED_URL",
            "The issuer's gRPC address, where it tells what it revokes; if not set, tokens are good until they expire.",
        );
        let token_url = reader.optional(
            "TOKEN_URL",
            "Where the issuer grants tokens to clients; /oauth2/token beside JWKS_URL if not set.",
        );
        let client_id: Option<String> = reader.optional("CLIENT_ID", "This service's name at the issuer.");
        let client_secret =
            reader.optional_secret("CLIENT_SECRET", "The secret that the issuer gave it with that name.");
        let url = url?;
        for (name, is_missing) in
            [("CLIENT_ID", client_id.is_none()), ("CLIENT_SECRET", client_secret.is_none())]
        {
            if is_missing {
                reader.mistake(name, "must be set where FEED_URL is");
            }
        }
        let beside = || jwks_url.and_then(|keys| keys.join("/oauth2/token").ok());
        Some(Self {
            url,
            token_url: token_url.or_else(beside)?,
            client_id: client_id?,
            client_secret: client_secret?,
        })
    }
}
