//! How a service keeps up with its issuer: the keys by which tokens are verified, and the feed of what is revoked.

use std::{error::Error, sync::Arc, time::Duration};

use identity::{RequiredScope, scope};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};
use verifier::{
    Verifier,
    feed::{Boxed, Credential, Feed},
};

use crate::{
    ambient::Ambient,
    keys::{FeedSettings, TrustSettings},
    process::BuildError,
    rpc::connect,
};

/// How long the issuer may take to grant a token.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long connecting to it may take, shared by all replicas that its name stands for: one that is gone may still be
/// among them.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

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
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    let credential = ClientCredentials {
        client: client.build().map_err(std::io::Error::other)?,
        token_url: settings.token_url.clone(),
        id: settings.client_id.clone(),
        secret: settings.client_secret.clone(),
    };
    Ok(Feed::new(channel, Arc::new(credential)).entropy(ambient.entropy.clone()))
}

/// The service's own name and secret at the issuer (RFC 6749 §4.4). A token is asked for whenever a stream begins, which
/// is as often as tokens end.
struct ClientCredentials {
    client: reqwest::Client,
    token_url: Url,
    id: String,
    secret: SecretString,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

impl Credential for ClientCredentials {
    fn token(&self) -> Boxed<'_, Result<String, Box<dyn Error + Send + Sync>>> {
        Box::pin(async {
            let form = [("grant_type", "client_credentials"), ("scope", scope::Revocations::NAME)];
            let request = self.client.post(self.token_url.clone()).form(&form);
            let (id, secret) = (encoded(&self.id), encoded(self.secret.expose_secret()));
            let request = request.basic_auth(id, Some(secret));
            let answer = request.send().await.map_err(reqwest::Error::without_url)?.error_for_status()?;
            let Granted { access_token } = answer.json().await?;
            Ok(access_token)
        })
    }
}

/// As RFC 6749 §2.3.1 wants it in HTTP Basic.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
