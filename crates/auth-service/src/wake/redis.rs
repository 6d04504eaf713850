//! Among all replicas, by publishing in Redis.
//!
//! One task owns both connections, the one that listens and the one that speaks. It connects, says what requests have
//! left it to say, proves each second that both still work, and begins anew when they do not. What is said many
//! times while it speaks is said once more.

use std::sync::{Arc, atomic::AtomicU64};

use chassis::{Ambient, metrics::Metrics};
use futures_util::StreamExt;
use identity::uuid_v7;
use prometheus_client::metrics::gauge::Gauge;
use redis::{
    AsyncCommands, RedisResult,
    aio::{MultiplexedConnection, PubSubSink, PubSubStream},
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use super::{Listener, LocalWake, Wake};
use crate::redis_server::{PAUSE, RedisServer, Trouble, in_time};

/// Where it is said; an ACL rule for this service is `&signet:wake`.
const CHANNEL: &str = "signet:wake";

/// Wakes every replica that listens at the same Redis, and this one without it.
pub(super) struct RedisWake {
    here: LocalWake,
    /// That there is something to be said elsewhere.
    said: Arc<Notify>,
    keeper: JoinHandle<()>,
}

impl RedisWake {
    /// Connects in the background.
    pub(super) fn start(server: RedisServer, ambient: &Ambient, metrics: &Metrics) -> Self {
        let up = Up::default();
        let help = "1 while replicas wake each other through Redis, 0 while each looks by itself";
        metrics.register(|registry| registry.register("auth_wake_redis_up", help, up.clone()));
        let name = uuid_v7(ambient.clock.as_ref(), ambient.entropy.as_ref()).simple().to_string();
        let (here, said) = (LocalWake::default(), Arc::new(Notify::new()));
        let keeper = Keeper { server, name, here: here.clone(), said: Arc::clone(&said), up };
        Self { here, said, keeper: tokio::spawn(keeper.keep()) }
    }
}

impl Wake for RedisWake {
    fn wake(&self) {
        self.here.wake();
        self.said.notify_one();
    }

    fn listen(&self) -> Listener {
        self.here.listen()
    }
}

impl Drop for RedisWake {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

type Up = Gauge<u64, AtomicU64>;

/// The task that is in touch with Redis.
struct Keeper {
    server: RedisServer,
    /// Tells what this replica says from what others do. Nothing rests on it.
    name: String,
    here: LocalWake,
    said: Arc<Notify>,
    up: Up,
}

impl Keeper {
    async fn keep(self) {
        let mut warned = false;
        loop {
            let trouble = match in_time(Ties::open(&self.server, &self.name)).await {
                Ok(ties) => {
                    self.up.set(1);
                    if std::mem::take(&mut warned) {
                        tracing::info!("Redis is back: replicas wake each other");
                    }
                    // What others have said meanwhile was not heard.
                    self.here.wake();
                    self.pass_on(ties).await
                }
                Err(trouble) => trouble,
            };
            self.up.set(0);
            if !std::mem::replace(&mut warned, true) {
                tracing::warn!(%trouble, "Redis is not there: each replica looks for what has changed by itself");
            }
            sleep(PAUSE).await;
        }
    }

    /// Hears and speaks until that no longer works.
    async fn pass_on(&self, mut ties: Ties) -> Trouble {
        let mut probes = interval_at(Instant::now() + PAUSE, PAUSE);
        probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                heard = ties.heard.next() => match heard {
                    Some(message) => {
                        if message.get_payload_bytes() != self.name.as_bytes() {
                            self.here.wake();
                        }
                        Ok(())
                    }
                    None => Err(Trouble::Ended),
                },
                () = self.said.notified() => in_time(ties.say(&self.name)).await,
                _ = probes.tick() => in_time(ties.probe()).await,
            };
            if let Err(trouble) = done {
                return trouble;
            }
        }
    }
}

/// What connects a replica with the others.
struct Ties {
    heard: PubSubStream,
    ear: PubSubSink,
    mouth: MultiplexedConnection,
}

impl Ties {
    /// Connects and does once all that will have to be done. What could not be said before is said thereby.
    async fn open(server: &RedisServer, name: &str) -> RedisResult<Self> {
        let (mut ear, heard) = server.listen().await?.split();
        ear.subscribe(CHANNEL).await?;
        let mut ties = Self { heard, ear, mouth: server.connect().await? };
        ties.probe().await?;
        ties.say(name).await?;
        Ok(ties)
    }

    async fn say(&mut self, name: &str) -> RedisResult<()> {
        self.mouth.publish(CHANNEL, name).await
    }

    async fn probe(&mut self) -> RedisResult<()> {
        self.ear.ping::<redis::Value>().await?;
        self.mouth.ping().await
    }
}
