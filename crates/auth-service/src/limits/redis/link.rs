//! The connection to Redis, and when it is used: only while it is known to work.
//!
//! A keeper in the background connects, proves that Redis does what is needed, and looks again each second. A
//! request finds a working connection or none; it never connects, resolves a name or tries out a server. The first
//! that gets no answer in time takes the connection away from all others, and the keeper brings it back once
//! Redis answers the keeper. So when Redis hangs, only the requests that were waiting for it at that moment pay, and
//! each of them at most once.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use prometheus_client::metrics::gauge::Gauge;
use redis::aio::MultiplexedConnection;
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::Question;
use crate::{
    limits::{Key, Quota, Rule},
    redis_server::{PAUSE, RedisServer, Trouble, in_time},
};

/// 1 while limits are counted in Redis, else 0.
pub(crate) type Up = Gauge<u64, AtomicU64>;

/// A connection that comes and goes.
pub(super) struct Link {
    state: Arc<State>,
    patience: Duration,
    keeper: JoinHandle<()>,
}

struct State {
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Wakes the keeper when the connection is gone.
    lost: Notify,
    question: Question,
    up: Up,
}

impl Link {
    /// Tries once to connect and leaves the rest to the keeper.
    pub(super) async fn open(server: RedisServer, question: Question, up: Up) -> Self {
        let state = Arc::new(State { connection: ArcSwapOption::empty(), lost: Notify::new(), question, up });
        let patience = server.patience;
        let first = state.connect(&server).await;
        if let Err(trouble) = &first {
            tracing::warn!(%trouble, "Redis is not there: each replica counts limits by itself");
        }
        let keeper = tokio::spawn(keep(Arc::clone(&state), server, first.is_ok()));
        Self { state, patience, keeper }
    }

    /// How long the party has to wait, if Redis tells in time.
    pub(super) async fn ask(&self, rule: Rule, key: Key, quota: Quota) -> Option<Duration> {
        let held = self.state.connection.load_full()?;
        let mut connection = MultiplexedConnection::clone(&held);
        let asking = self.state.question.take(&mut connection, rule, key, quota);
        let answer = timeout(self.patience, asking).await;
        match answer.map_err(Trouble::from).and_then(|answer| Ok(answer?)) {
            Ok(wait) => Some(wait),
            Err(trouble) => {
                self.state.lose(&held, &trouble);
                None
            }
        }
    }
}

impl State {
    async fn connect(&self, server: &RedisServer) -> Result<(), Trouble> {
        let connecting = async {
            let mut connection = server.connect().await?;
            self.question.probe(&mut connection).await?;
            Ok(connection)
        };
        let connection = in_time(connecting).await?;
        self.connection.store(Some(Arc::new(connection)));
        self.up.set(1);
        Ok(())
    }

    /// Looks each second whether the connection still works; ends when it does not.
    async fn watch(&self) {
        while let Some(held) = self.connection.load_full() {
            if timeout(PAUSE, self.lost.notified()).await.is_ok() {
                continue;
            }
            let mut connection = MultiplexedConnection::clone(&held);
            if let Err(trouble) = in_time(self.question.probe(&mut connection)).await {
                self.lose(&held, &trouble);
            }
        }
    }

    /// Takes the connection away, unless another has taken its place. Only the first to notice says so.
    fn lose(&self, held: &Arc<MultiplexedConnection>, trouble: &Trouble) {
        let previous = self.connection.compare_and_swap(held, None);
        if previous.as_ref().is_some_and(|previous| Arc::ptr_eq(previous, held)) {
            self.up.set(0);
            self.lost.notify_one();
            tracing::warn!(%trouble, "Redis is gone: each replica counts limits by itself");
        }
    }
}

/// Brings the connection back whenever it is lost.
async fn keep(state: Arc<State>, server: RedisServer, connected: bool) {
    let mut connected = connected;
    loop {
        if connected {
            state.watch().await;
        }
        sleep(PAUSE).await;
        connected = state.connect(&server).await.is_ok();
        if connected {
            tracing::info!("Redis is back: replicas count limits together");
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("patience", &self.patience).finish_non_exhaustive()
    }
}
