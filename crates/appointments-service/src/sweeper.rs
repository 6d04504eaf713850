//! Ends holds that nobody paid for. They block nobody even before: this is for the customer, who is told, and for
//! the payment, which is cancelled.

use std::time::Duration;

use chassis::Shutdown;

use crate::calendar::Calendar;

/// Looks every `interval` until shut down. Several replicas may do so at once.
pub(crate) async fn run(calendar: Calendar, interval: Duration, shutdown: Shutdown) {
    while !shutdown.is_triggered() {
        match calendar.lapse_expired().await {
            Ok(0) => {}
            Ok(lapsed) => tracing::info!(lapsed, "holds have lapsed"),
            Err(error) => tracing::warn!(%error, "holds cannot be looked through"),
        }
        shutdown.stops(tokio::time::sleep(interval)).await;
    }
}
