//! Hears from an issuer what it revokes: `signet.auth.v1.RevocationFeed`, one stream for each replica of a service and
//! no word about any request. Where next: `message`, how it is read; `journal`, how it outlives the process;
//! `listener`, for whoever needs no feed.

pub(crate) mod journal;
mod listener;
mod message;

use std::{convert::Infallible, error::Error, fmt, pin::Pin, sync::Arc, time::Duration};

use identity::{Entropy, SystemEntropy};
use tokio::time::{sleep, timeout};
use tonic::{Code, Request, Status, metadata::MetadataValue, transport::Channel};
use wire::auth::v1::{Update, WatchRequest, revocation_feed_client::RevocationFeedClient};

use crate::{RevokeError, Verifier, issuer::Issuer, jitter, revocation::SILENCE};
use journal::Place;
pub use listener::Listener;
use message::Unreadable;

/// How long it may take until the stream has begun.
const BEGIN: Duration = Duration::from_secs(3);
/// The longest pause before the first new attempt, which doubles with each that fails.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before any.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A future in a box.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a feed's access token comes from: one with the scope `revocations`.
pub trait Credential: Send + Sync {
    /// A token that is good for a while yet.
    ///
    /// # Errors
    /// When there is none at the moment. What is said of it is logged.
    fn token(&self) -> Boxed<'_, Result<String, Box<dyn Error + Send + Sync>>>;
}

/// The feed of one issuer.
#[derive(Clone)]
pub struct Feed {
    channel: Channel,
    credential: Arc<dyn Credential>,
    entropy: Arc<dyn Entropy>,
}

/// Why a stream ended.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no access token for the feed: {0}")]
    Credential(Box<dyn Error + Send + Sync>),
    #[error("the issuer ended the feed: {}", .0.description())]
    Ended(Code),
    #[error("the feed did not begin in time")]
    NotBegun,
    #[error("the feed is silent")]
    Silent,
    #[error("something is missing in the feed")]
    Gap,
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    NotTaken(#[from] RevokeError),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Ended(status.code())
    }
}

impl Feed {
    /// The feed that is reached over `channel`. Give it connect timeouts and HTTP/2 pings.
    pub fn new(channel: Channel, credential: Arc<dyn Credential>) -> Self {
        Self { channel, credential, entropy: Arc::new(SystemEntropy) }
    }

    /// The same, scattering its attempts with this randomness.
    #[must_use]
    pub fn entropy(self, entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, ..self }
    }
}

/// Shows nothing of the credential.
impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl Verifier {
    /// Refuses whatever `issuer` revokes, as soon as `feed` tells: for ever, so run it beside [`run`](Self::run). Dropping it
    /// at any moment is safe; what is known by then stays known. From this call on, and not only once it is
    /// polled, routes that must know what was revoked wait for it ([`listen`](Self::listen)).
    ///
    /// # Errors
    /// If the issuer is not trusted here.
    pub fn follow(
        &self,
        issuer: &str,
        feed: &Feed,
    ) -> impl Future<Output = Result<Infallible, RevokeError>> + Send {
        let issuer = self.issuer(issuer).inspect(|issuer| issuer.standing.set_followed());
        async move {
            let issuer = issuer?;
            let place = issuer.journal.as_ref().map(|journal| journal.end()).unwrap_or_default();
            let mut follower = Follower { issuer, feed, place, failures: 0 };
            loop {
                follower.attempt().await;
            }
        }
    }
}

struct Follower<'f> {
    issuer: &'f Issuer,
    feed: &'f Feed,
    /// Up to which all is known; of no log before the first word.
    place: Place,
    /// How many attempts in a row brought nothing.
    failures: u32,
}

impl Follower<'_> {
    /// One stream from its beginning to its end, and the pause after it.
    async fn attempt(&mut self) {
        let Err(failure) = self.watch().await;
        let issuer = &self.issuer.trust.issuer;
        // That it does not come back is said once; `health` says it for as long as it lasts.
        if self.failures == 1 {
            tracing::warn!(%failure, %issuer, "the revocation feed does not come");
        } else {
            tracing::debug!(%failure, %issuer, "the revocation feed ended");
        }
        if matches!(failure, Failure::Gap | Failure::Unreadable(_) | Failure::NotTaken(_)) {
            // Everything once more.
            self.place = Place::default();
        }
        let longest = PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        sleep(jitter::between(self.feed.entropy.as_ref(), Duration::ZERO, longest)).await;
    }

    async fn watch(&mut self) -> Result<Infallible, Failure> {
        if let Some(place) = self.issuer.journal.as_ref().and_then(|journal| journal.resume()) {
            self.place = place;
        }
        let begin = async {
            let token = self.feed.credential.token().await.map_err(Failure::Credential)?;
            let mut value = MetadataValue::try_from(format!("Bearer {token}"))
                .map_err(|error| Failure::Credential(error.into()))?;
            value.set_sensitive(true);
            let Place { epoch, seq } = self.place.clone();
            let mut request = Request::new(WatchRequest { epoch, after_seq: seq });
            request.metadata_mut().insert("authorization", value);
            let mut client = RevocationFeedClient::new(self.feed.channel.clone());
            Ok::<_, Failure>(client.watch(request).await?.into_inner())
        };
        let mut updates = timeout(BEGIN, begin).await.map_err(|_| Failure::NotBegun)??;
        loop {
            let update = timeout(SILENCE, updates.message()).await.map_err(|_| Failure::Silent)??;
            let update = update.ok_or(Failure::Ended(Code::Ok))?;
            self.take(update)?;
            self.failures = 0;
        }
    }

    fn take(&mut self, update: Update) -> Result<(), Failure> {
        // Another log is told from its beginning.
        let expected = if update.epoch == self.place.epoch { self.place.seq } else { 0 };
        if update.after_seq != expected || update.last_seq < update.after_seq {
            return Err(Failure::Gap);
        }
        let revocations = message::revocations(&update)?;
        if !revocations.is_empty() {
            self.issuer.revocations.insert(revocations)?;
        }
        self.place = Place { epoch: update.epoch.clone(), seq: update.last_seq };
        if update.complete {
            self.issuer.standing.hear(self.place.seq);
        }
        if let Some(journal) = &self.issuer.journal {
            journal.keep(update);
        }
        Ok(())
    }
}
