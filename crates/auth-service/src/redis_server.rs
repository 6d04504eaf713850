//! Where Redis is, how it is reached, and how long anybody waits for it.
//!
//! Requests never connect, resolve a name or try out a server: keepers in the background do, and look again each
//! [`PAUSE`]. Where next: `limits::redis`, which counts there, and `wake::redis`, by which replicas wake each other.

use std::{fmt, time::Duration};

use chassis::settings::Reader;
use redis::{
    AsyncConnectionConfig, Client, RedisError, RedisResult,
    aio::{MultiplexedConnection, PubSub},
};
use secrecy::ExposeSecret;
use tokio::time::{error::Elapsed, timeout};

/// Between two looks of a keeper.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);
/// For connecting, name resolution and TLS included, and for each of a keeper's questions.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// A Redis server as settings name it. Shown nowhere: its URL may hold a password.
#[derive(Clone)]
pub(crate) struct RedisServer {
    client: Client,
    /// How long one question of a request may take.
    pub(crate) patience: Duration,
}

/// Why Redis is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("it does not answer in time")]
    Late(#[from] Elapsed),
    #[error("it has ended the connection")]
    Ended,
    #[error(transparent)]
    Failed(#[from] RedisError),
}

/// What a keeper asks, within its patience.
pub(crate) async fn in_time<T>(asking: impl Future<Output = RedisResult<T>>) -> Result<T, Trouble> {
    Ok(timeout(PATIENCE, asking).await??)
}

impl RedisServer {
    /// Reads `REDIS_URL` and `REDIS_TIMEOUT`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.optional_secret(
            "REDIS_URL",
            "Where replicas count login and registration limits together and wake each other: \
             redis://USER:PASSWORD@HOST:6379/0, or rediss:// for TLS; each counts and looks by itself if not set.",
        );
        // A login asks three times at most: it loses less than 50 ms when Redis has just stopped answering.
        let patience = reader.duration(
            "REDIS_TIMEOUT",
            "How long one question to Redis may take; then this replica counts by itself for a while.",
            Duration::from_millis(15),
            Duration::from_millis(1)..=Duration::from_secs(1),
        );
        if let Ok(client) = Client::open(url?.expose_secret()) {
            return Some(Self { client, patience });
        }
        // What is wrong is not told: the message might repeat the password.
        reader.mistake("REDIS_URL", "must be a URL such as redis://USER:PASSWORD@HOST:6379/0");
        None
    }

    /// A connection for questions. Whoever opens it limits the time of that and of each of them.
    pub(crate) async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        // The driver's own limits would only cut short the one for the whole.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// A connection that is told things. Whoever opens it limits the time of that.
    pub(crate) async fn listen(&self) -> RedisResult<PubSub> {
        self.client.get_async_pubsub().await
    }
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServer").field("patience", &self.patience).finish_non_exhaustive()
    }
}
