//! Where Redis is and how long anybody waits for it.

use std::{fmt, time::Duration};

use chassis::settings::Reader;
use redis::Client;
use secrecy::ExposeSecret;

/// A Redis server as settings name it. Shown nowhere: its URL may hold a password.
#[derive(Clone)]
pub(crate) struct RedisServer {
    pub(super) client: Client,
    /// How long one question may take.
    pub(super) patience: Duration,
}

impl RedisServer {
    /// Reads `REDIS_URL` and `REDIS_TIMEOUT`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.optional_secret(
            "REDIS_URL",
            "Where replicas count login and registration limits together: redis://USER:PASSWORD@HOST:6379/0, or \
             rediss:// for TLS; each counts by itself if not set.",
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
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServer").field("patience", &self.patience).finish_non_exhaustive()
    }
}
