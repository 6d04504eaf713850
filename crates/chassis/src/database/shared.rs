//! How connections are shared, on both engines: a few of them, the one that was used last first, and nobody waits for one
//! longer than was agreed.
//!
//! Nobody asks a connection whether it is well, neither before it is used nor afterwards: that would cost as much as what
//! it is used for.

use std::time::Duration;

use deadpool::managed::{Manager, Object, Pool, PoolError, QueueMode};
use tokio::time::timeout;

use super::{Error, Result};

/// A pool of `most` connections, none of which is open yet.
pub(super) fn pool<M: Manager<Error = sqlx::Error>>(opener: M, most: u32) -> Result<Pool<M>> {
    let pool = Pool::builder(opener).max_size(most.try_into().unwrap_or(usize::MAX));
    let pool = pool.queue_mode(QueueMode::Lifo).build();
    pool.map_err(|error| Error::Other(sqlx::Error::Configuration(error.into())))
}

/// One of its connections, idle or new, within `patience`.
pub(super) async fn take<M: Manager<Error = sqlx::Error>>(
    pool: &Pool<M>,
    patience: Duration,
) -> sqlx::Result<Object<M>> {
    match timeout(patience, pool.get()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(PoolError::Backend(error))) => Err(error),
        Ok(Err(PoolError::Closed)) => Err(sqlx::Error::PoolClosed),
        _ => Err(sqlx::Error::PoolTimedOut),
    }
}

/// Hands out no more of them. Those that are idle, to be closed; the others are closed when they come back.
pub(super) fn close<M: Manager>(pool: &Pool<M>) -> Vec<M::Type> {
    let idle = pool.retain(|_, _| false).removed;
    pool.close();
    idle
}
