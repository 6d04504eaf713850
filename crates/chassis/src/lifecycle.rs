//! How a service runs and how it ends: nobody dropped, nothing waited for without a bound.
//!
//! | since the end was announced | |
//! |---|---|
//! | at once | `/readyz` answers 503; everything is served as before, connections are not kept alive |
//! | after the notice, or when hurried | servers take no more connections and finish what is under way |
//! | when the last request is answered, or after 8 s | background work is told to finish |
//! | when that is done, or after 9 s | the database is closed |
//! | after 9.5 s at the latest | [`run`](Lifecycle::run) returns |

use std::{io, pin::Pin, time::Duration};

use futures_util::future::join_all;

use crate::{health::Health, shutdown::Shutdown};

/// When requests that are still under way are cut off.
const REQUESTS: Duration = Duration::from_secs(8);
/// When background work is dropped that has not finished.
const WORK: Duration = Duration::from_secs(9);
/// When it is over, whatever is still open.
const ALL: Duration = Duration::from_millis(9500);
/// The longest [notice](Lifecycle::new) that leaves requests time to finish.
pub const LONGEST_NOTICE: Duration = Duration::from_secs(5);

type Part<'p, T> = Pin<Box<dyn Future<Output = T> + Send + 'p>>;

/// The parts of a service, each with its place in the end.
#[must_use = "nothing happens until it is run"]
pub struct Lifecycle<'p> {
    shutdown: Shutdown,
    health: Health,
    notice: Duration,
    /// Tells servers to take no more connections.
    stop: Shutdown,
    /// Tells background work that the last request is answered.
    served: Shutdown,
    servers: Vec<Part<'p, io::Result<()>>>,
    work: Vec<Part<'p, ()>>,
    last: Vec<Part<'p, ()>>,
}

impl<'p> Lifecycle<'p> {
    /// A life that ends with `shutdown`. For the time of `notice`, while `health` says that it is not ready, load
    /// balancers can find out before connections are refused.
    pub fn new(health: &Health, notice: Duration, shutdown: Shutdown) -> Self {
        Self {
            shutdown,
            health: health.clone(),
            notice: notice.min(LONGEST_NOTICE),
            stop: Shutdown::new(),
            served: Shutdown::new(),
            servers: Vec::new(),
            work: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Has a server, which is told when to take no more connections. When one fails, all end.
    pub fn server<F>(mut self, serve: impl FnOnce(Shutdown) -> F) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'p,
    {
        let (serving, shutdown) = (serve(self.stop.clone()), self.shutdown.clone());
        self.servers.push(Box::pin(async move {
            let ended = serving.await;
            shutdown.hurry();
            ended
        }));
        self
    }

    /// Has background work, which is told when the last request is answered and then finishes what it has begun.
    pub fn worker<F>(mut self, run: impl FnOnce(Shutdown) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'p,
    {
        self.work.push(Box::pin(run(self.served.clone())));
        self
    }

    /// Has background work that can be dropped at any moment once the last request is answered.
    pub fn beside<F>(self, work: F) -> Self
    where
        F: Future + Send + 'p,
    {
        self.worker(|served| async move {
            served.stops(work).await;
        })
    }

    /// Does `work` when all else has ended.
    pub fn at_last(mut self, work: impl Future<Output = ()> + Send + 'p) -> Self {
        self.last.push(Box::pin(work));
        self
    }

    /// Runs all parts until shut down, then ends them in order.
    ///
    /// # Errors
    /// The first failure of a server.
    pub async fn run(self) -> io::Result<()> {
        let Self { shutdown, health, notice, stop, served, servers, work, last } = self;
        let announce = async {
            shutdown.triggered().await;
            health.drain();
            tokio::select! { () = tokio::time::sleep(notice) => {}, () = shutdown.hurried() => {} }
            stop.trigger();
        };
        let serve = async {
            let ended = within(&shutdown, REQUESTS, join_all(servers)).await;
            served.trigger();
            let Some(ended) = ended else {
                tracing::warn!("requests that were still under way are cut off");
                return Ok(());
            };
            ended.into_iter().collect()
        };
        let work = async {
            if within(&shutdown, WORK, join_all(work)).await.is_none() {
                tracing::warn!("background work that was still under way is cut off");
            }
        };
        let ((), outcome, ()) = tokio::join!(announce, serve, work);
        if within(&shutdown, ALL, join_all(last)).await.is_none() {
            tracing::warn!("not everything could be closed in time");
        }
        outcome
    }
}

/// What `work` came to, unless the end began longer than `limit` ago or is abandoned.
async fn within<T>(shutdown: &Shutdown, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let cut = async {
        shutdown.triggered().await;
        let Some(began) = shutdown.began() else { return };
        let limit = tokio::time::sleep_until(began + limit);
        tokio::select! { () = limit => {}, () = shutdown.abandoned() => {} }
    };
    tokio::select! {
        biased;
        output = work => Some(output),
        () = cut => None,
    }
}

#[cfg(test)]
mod tests;
