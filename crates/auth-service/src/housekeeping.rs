//! Forgetting what is no longer needed, so that tables have an end: long expired sessions, old audit entries,
//! revocations and clients' assertions that have expired.

use std::time::Duration;

use chassis::database::Result;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    app::App,
    domain::lifetime::earlier,
    store::{audit, client_assertions, revocations, sessions},
};

/// How often it is done.
const EVERY: Duration = Duration::from_hours(1);
/// How long a session is remembered after its end: it still tells from where its user signed in.
const SESSION_MEMORY: Duration = Duration::from_hours(30 * 24);
/// Rows deleted in one transaction, so that nobody waits long for it.
const BATCH: i64 = 500;

/// Runs until it is dropped.
pub(crate) async fn keep_house(app: &App, audit_retention: Duration) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = sweep(app, audit_retention).await {
            tracing::warn!(%error, "old rows could not be deleted; trying again in an hour");
        }
    }
}

pub(crate) async fn sweep(app: &App, audit_retention: Duration) -> Result<()> {
    let now = app.now();
    loop {
        let mut transaction = app.database.begin().await?;
        let forgotten = sessions::forget(&mut transaction, earlier(now, SESSION_MEMORY), BATCH).await?
            + client_assertions::forget(&mut transaction, now, BATCH).await?
            + revocations::forget(&mut transaction, now, BATCH).await?
            + audit::forget(&mut transaction, earlier(now, audit_retention), BATCH).await?;
        transaction.commit().await?;
        if forgotten == 0 {
            return Ok(());
        }
    }
}
