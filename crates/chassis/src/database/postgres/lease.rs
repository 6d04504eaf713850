//! A pooled connection in use. It goes back only in a state in which its next user can trust it.

use std::time::Duration;

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection, postgres::PgTransactionManager};
use sqlx_core::transaction::TransactionManager;
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::pulse::{Era, Pulse, silent};
use crate::database::Result;

/// A connection that goes back to the pool when dropped, or is closed when anything was left unfinished on it.
pub(in crate::database) struct Lease {
    connection: PoolConnection<Postgres>,
    pulse: Pulse,
    era: Era,
    limit: Duration,
    is_sound: bool,
}

/// Watches over one use of a connection.
pub(in crate::database) struct Guard<'l> {
    pulse: &'l Pulse,
    era: Era,
    limit: Duration,
    is_sound: &'l mut bool,
}

/// A lease with a transaction on it; undone unless committed. sqlx's own transaction keeps its connection from us.
pub(in crate::database) struct LeasedTransaction {
    lease: Lease,
    is_open: bool,
}

impl Lease {
    pub(super) async fn take(pool: &PgPool, pulse: &Pulse, limit: Duration) -> Result<Self> {
        let era = pulse.era();
        let connection = pulse.while_up(era, pool.acquire()).await?;
        Ok(Self { connection, pulse: pulse.clone(), era, limit, is_sound: true })
    }

    /// The connection, and what must run everything that is done with it.
    pub(in crate::database) fn parts(&mut self) -> (&mut PgConnection, Guard<'_>) {
        let Self { connection, pulse, era, limit, is_sound } = self;
        (&mut *connection, Guard { pulse, era: *era, limit: *limit, is_sound })
    }

    pub(in crate::database) async fn begin(mut self) -> Result<LeasedTransaction> {
        let (connection, guard) = self.parts();
        guard.run(PgTransactionManager::begin(connection, None)).await?;
        Ok(LeasedTransaction { lease: self, is_open: true })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Takes the connection. Dropping this future instead of waiting for it closes the connection and makes
        // room for another, at once.
        let returning = self.connection.return_to_pool();
        if let (true, Ok(runtime)) = (self.is_sound, Handle::try_current()) {
            let (pulse, era, limit) = (self.pulse.clone(), self.era, self.limit);
            runtime.spawn(async move {
                tokio::select! {
                    () = returning => {}
                    () = pulse.over(era) => {}
                    () = sleep(limit) => {}
                }
            });
        }
    }
}

impl Guard<'_> {
    /// What `work` comes to, unless the server stops to answer. Whatever ends it early, also whoever drops it,
    /// leaves the connection unsound.
    pub(in crate::database) async fn run<T>(self, work: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
        use sqlx::Error as E;
        *self.is_sound = false;
        let mut is_sound = false;
        let watched = async {
            let done = work.await;
            is_sound = !matches!(&done, Err(E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed));
            done
        };
        let done = timeout(self.limit, self.pulse.while_up(self.era, watched)).await;
        *self.is_sound = is_sound;
        done.unwrap_or_else(|_| Err(silent()))
    }
}

impl LeasedTransaction {
    pub(in crate::database) fn parts(&mut self) -> (&mut PgConnection, Guard<'_>) {
        self.lease.parts()
    }

    pub(in crate::database) async fn commit(mut self) -> Result<()> {
        let (connection, guard) = self.lease.parts();
        guard.run(PgTransactionManager::commit(connection)).await?;
        self.is_open = false;
        Ok(())
    }

    pub(in crate::database) async fn rollback(mut self) -> Result<()> {
        let (connection, guard) = self.lease.parts();
        guard.run(PgTransactionManager::rollback(connection)).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for LeasedTransaction {
    fn drop(&mut self) {
        if self.is_open && self.lease.is_sound {
            // Sent when the connection goes back to the pool, just below.
            PgTransactionManager::start_rollback(&mut self.lease.connection);
        }
    }
}
