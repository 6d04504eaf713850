//! How a service keeps up with its issuer: the keys by which tokens are verified, and the feed of what is revoked.

use std::{error::Error, sync::Arc};

use identity::{RequiredScope, scope};
use secrecy::ExposeSecret;
use verifier::{
    Verifier,
    feed::{Boxed, Credential, Feed},
};

use crate::{
    ambient::Ambient,
    client::IssuerClient,
    keys::{FeedSettings, TrustSettings},
    process::BuildError,
    rpc::connect,
};

/// A verifier and what keeps it up to date.
#[derive(Clone)]
pub struct Verification {
    verifier: Verifier,
    issuer: String,
    feed: Option<Feed>,
}

impl Verification {
    /// A verifier for tokens meant for `audience`.
    ///
    /// # Errors
    /// When a limit is out of range, or the feed's URL is none.
    pub fn new(trust: &TrustSettings, audience: &str, ambient: &Ambient) -> Result<Self, BuildError> {
        let verifier = trust.verifier(audience, ambient)?;
        let feed = trust.feed.as_ref().map(|feed| follow(feed, ambient)).transpose()?;
        if feed.is_some() {
            // Before it serves: routes that must know what was revoked wait for the feed.
            verifier.listen(&trust.issuer).map_err(std::io::Error::other)?;
        }
        Ok(Self { verifier, issuer: trust.issuer.clone(), feed })
    }

    /// The verifier.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Keeps it up to date until dropped.
    pub async fn run(&self) {
        let follow = async {
            if let Some(feed) = &self.feed {
                // The issuer is the one that the verifier was made for, so this does not end.
                let _ = self.verifier.follow(&self.issuer, feed).await;
            }
        };
        tokio::join!(self.verifier.run(), follow);
    }
}

fn follow(settings: &FeedSettings, ambient: &Ambient) -> Result<Feed, BuildError> {
    let channel = connect(&settings.url).map_err(std::io::Error::other)?;
    let credential = Follower(IssuerClient::new(&settings.client)?);
    Ok(Feed::new(channel, Arc::new(credential)).entropy(ambient.entropy.clone()))
}

/// Who follows the feed. A new token is asked for whenever a stream begins, which is as often as tokens end: the old one
/// may be why the last stream did.
struct Follower(IssuerClient);

impl Credential for Follower {
    fn token(&self) -> Boxed<'_, Result<String, Box<dyn Error + Send + Sync>>> {
        Box::pin(async {
            let granted = self.0.grant("auth", scope::Revocations::NAME).await?;
            Ok(granted.access_token.expose_secret().to_owned())
        })
    }
}
