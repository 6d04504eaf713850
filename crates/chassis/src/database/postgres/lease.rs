//! A pooled connection in use. It goes back only in a state in which its next user can trust it, and one that was lost
//! while nobody used it is replaced when that turns out, by what is done on it first.

use std::{mem, time::Duration};

use deadpool::managed::Object;
use sqlx::{Connection, PgConnection, postgres::PgTransactionManager};
use sqlx_core::transaction::TransactionManager;
use tokio::{runtime::Handle, time::timeout};

use super::{
    Opener, PostgresPool,
    pulse::{Era, Pulse, says_that_it_is_down, silent},
};
use crate::database::{Error, Result, shared};

/// A connection that goes back to the pool when dropped.
pub(in crate::database) struct Lease {
    /// Its place in the pool.
    place: Option<Object<Opener>>,
    /// The server has not answered on it since it was taken: it may have hung up before.
    is_untried: bool,
    pulse: Pulse,
    era: Era,
    /// How long anybody waits for a connection, and how long for an answer.
    patience: Duration,
    limit: Duration,
}

/// A lease with a transaction on it; undone unless committed. sqlx's own transaction keeps its connection from us.
pub(in crate::database) struct LeasedTransaction {
    pub(in crate::database) lease: Lease,
    is_open: bool,
}

/// What some work comes to on the connection of a lease. It is done once more if it was the first and the connection had
/// been lost before: let that be a question, or something that has no effect until more is done. A macro, because the
/// compiler does not see that what an asynchronous closure does with a connection may be done by any thread.
macro_rules! on_lease {
    ($lease:expr, |$connection:ident| $work:expr) => {
        async {
            let lease: &mut $crate::database::postgres::Lease = $lease;
            loop {
                let mut connection = lease.connection()?;
                let done = {
                    let $connection = &mut connection;
                    // In its place, since each that it is handed on to would make room for it.
                    let work = std::pin::pin!($work);
                    lease.watch(work).await?
                };
                if let Some(answer) = lease.settle(connection, done).await? {
                    break $crate::database::Result::Ok(answer);
                }
            }
        }
        .await
    };
}
pub(in crate::database) use on_lease;

impl Lease {
    pub(super) async fn take(server: &PostgresPool) -> Result<Self> {
        let PostgresPool { pool, pulse, patience, limit, .. } = server;
        let era = pulse.era();
        let place = Some(pulse.while_up(era, shared::take(pool, *patience)).await?);
        let (pulse, patience, limit) = (pulse.clone(), *patience, *limit);
        Ok(Self { place, is_untried: true, pulse, era, patience, limit })
    }

    /// The connection, for one use: whoever drops it in the middle of something closes it.
    pub(in crate::database) fn connection(&mut self) -> Result<PgConnection> {
        self.place.as_mut().and_then(|place| place.take()).ok_or_else(silent)
    }

    /// What `work` comes to, unless the server stops to answer.
    pub(in crate::database) async fn watch<T>(
        &self,
        work: impl Future<Output = sqlx::Result<T>>,
    ) -> Result<sqlx::Result<T>> {
        let watched = self.pulse.while_up(self.era, async { Ok::<_, Error>(work.await) });
        timeout(self.limit, watched).await.unwrap_or_else(|_| Err(silent()))
    }

    /// Takes the connection back, unless it failed: then it is closed. `None` if it had been lost before it was used: there
    /// is another one now.
    pub(in crate::database) async fn settle<T>(
        &mut self,
        connection: PgConnection,
        done: sqlx::Result<T>,
    ) -> Result<Option<T>> {
        if done.as_ref().is_err_and(is_lost) {
            drop(connection);
            if self.is_untried {
                self.replace().await?;
                return Ok(None);
            }
        } else {
            self.is_untried = false;
            if let Some(place) = &mut self.place {
                **place = Some(connection);
            }
        }
        Ok(done.map(Some)?)
    }

    /// Opens another connection in the place of one that was lost.
    async fn replace(&mut self) -> Result<()> {
        let Some(place) = &mut self.place else { return Err(silent()) };
        let pool = Object::pool(place).ok_or(sqlx::Error::PoolClosed)?;
        let opened = self.pulse.while_up(self.era, pool.manager().open());
        **place = Some(timeout(self.patience, opened).await.unwrap_or_else(|_| Err(silent()))?);
        self.is_untried = false;
        Ok(())
    }

    /// Makes sure that the server answers on it, so that nothing is done on it twice.
    pub(in crate::database) async fn prove(&mut self) -> Result<()> {
        if self.is_untried { on_lease!(self, |connection| connection.ping()) } else { Ok(()) }
    }

    pub(in crate::database) async fn begin(mut self) -> Result<LeasedTransaction> {
        on_lease!(&mut self, |connection| PgTransactionManager::begin(connection, None))?;
        Ok(LeasedTransaction { lease: self, is_open: true })
    }

    async fn roll_back(&mut self) -> Result<()> {
        on_lease!(self, |connection| PgTransactionManager::rollback(connection))
    }

    /// All of it, leaving nothing here.
    fn take_over(&mut self) -> Self {
        let place = mem::take(&mut self.place);
        Self { place, pulse: self.pulse.clone(), ..*self }
    }
}

/// Whether the connection is of no use after this.
fn is_lost(error: &sqlx::Error) -> bool {
    use sqlx::Error as E;
    match error {
        E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed => true,
        E::Database(refusal) => says_that_it_is_down(refusal.code().as_deref()),
        _ => false,
    }
}

impl LeasedTransaction {
    pub(in crate::database) async fn commit(mut self) -> Result<()> {
        on_lease!(&mut self.lease, |connection| PgTransactionManager::commit(connection))?;
        self.is_open = false;
        Ok(())
    }

    pub(in crate::database) async fn rollback(mut self) -> Result<()> {
        self.lease.roll_back().await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for LeasedTransaction {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        let mut lease = self.lease.take_over();
        match Handle::try_current() {
            // The connection goes back when that is done.
            Ok(runtime) => {
                runtime.spawn(async move {
                    // A server that does not answer has nobody to tell; it undoes what is left of lost connections.
                    let _ = lease.roll_back().await;
                });
            }
            // Nobody is left to do it: the server does when the connection is closed.
            Err(_) => drop(lease.place.as_mut().and_then(|place| place.take())),
        }
    }
}
