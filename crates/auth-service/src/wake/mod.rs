//! "Something has changed in the database: look." Said by the replica that has changed it, heard by all of them.
//!
//! It only saves time. The database is the truth and everybody who listens looks there every second or so anyway, so
//! nothing is lost when it is said in vain or not heard, and nothing is gained by who says it without need.
//!
//! Where next: [`local`], within one process; [`redis`], among all replicas.

mod local;
mod redis;

use std::{future::pending, sync::Arc};

use chassis::{Ambient, metrics::Metrics};
use tokio::sync::watch;

pub(crate) use local::LocalWake;

use self::redis::RedisWake;
use crate::Settings;

/// Wakes whoever reads the database and keeps what it has read.
pub(crate) trait Wake: Send + Sync {
    /// Says that something has changed, after the commit. Waits for nothing and cannot fail.
    fn wake(&self);

    /// Hears it said from now on.
    fn listen(&self) -> Listener;
}

/// One of those who are woken.
pub(crate) struct Listener(watch::Receiver<()>);

impl Listener {
    /// Returns once it was said since this last returned, however often. Nothing is missed when this is dropped.
    pub(crate) async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left to say it.
            pending::<()>().await;
        }
    }
}

/// Among all replicas where the settings name a Redis, else within this process.
pub(crate) fn start(settings: &Settings, ambient: &Ambient, metrics: &Metrics) -> Arc<dyn Wake> {
    match settings.redis.clone() {
        Some(server) => Arc::new(RedisWake::start(server, ambient, metrics)),
        None => Arc::new(LocalWake::default()),
    }
}

#[cfg(test)]
mod tests;
