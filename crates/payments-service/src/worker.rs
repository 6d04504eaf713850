//! Looks after payments and idempotency keys while the service runs.

use std::time::Duration;

use chassis::Shutdown;

use crate::{cashier::Cashier, idempotency::Idempotency};

/// How often payments are looked at.
const WATCH: Duration = Duration::from_secs(1);
/// How often old idempotency keys are thrown away.
const SWEEP: Duration = Duration::from_mins(10);

/// Works until shut down. Every replica does: what one has done, the next finds done.
pub(crate) async fn run(cashier: Cashier, idempotency: Idempotency, shutdown: Shutdown) {
    let watch = async {
        loop {
            match cashier.watch().await {
                Ok(0) => tokio::time::sleep(WATCH).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "payments cannot be watched");
                    tokio::time::sleep(WATCH).await;
                }
            }
        }
    };
    let sweep = async {
        loop {
            match idempotency.sweep().await {
                Ok(swept) => tracing::debug!(swept, "old idempotency keys thrown away"),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "idempotency keys cannot be swept"
                    );
                }
            }
            tokio::time::sleep(SWEEP).await;
        }
    };
    // On the heap: what holds a statement's state is large.
    shutdown.stops(Box::pin(async { tokio::join!(watch, sweep) })).await;
}
