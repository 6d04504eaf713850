//! Notes that holds have expired. They are in nobody's way even before: this keeps the table true, and short what a
//! booking has to note.

use std::{sync::Arc, time::Duration};

use chassis::{
    Shutdown,
    database::{Database, Result},
};
use identity::Clock;

use crate::{metrics::Bookings, store::appointments};

/// Looks every `interval` until shut down. Several replicas may do so at once.
pub(crate) async fn run(
    database: Database,
    clock: Arc<dyn Clock>,
    bookings: Bookings,
    interval: Duration,
    shutdown: Shutdown,
) {
    while !shutdown.is_triggered() {
        match sweep(&database, clock.as_ref()).await {
            Ok(0) => {}
            Ok(lapsed) => {
                bookings.lapsed(lapsed);
                tracing::info!(lapsed, "holds have lapsed");
            }
            Err(error) => tracing::warn!(%error, "holds cannot be looked through"),
        }
        shutdown.stops(tokio::time::sleep(interval)).await;
    }
}

/// Notes all that have expired; how many those were. Looks without writing first: mostly there are none.
async fn sweep(database: &Database, clock: &dyn Clock) -> Result<u64> {
    let mut all = 0;
    while appointments::any_expired(database, clock.now()).await? {
        let some = appointments::lapse_some(database, clock.now()).await?;
        if some == 0 {
            break;
        }
        all += some;
    }
    Ok(all)
}
