//! Folds what was written into the file, beside those who write. Left to itself SQLite has whoever commits the thousandth
//! page do that, and with them everybody who wants to write waits for the disk.

use std::time::Duration;

use deadpool::managed::Pool;
use sqlx::Row;

use super::Opener;
use crate::database::shared;

/// The pause between two times.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long the log may get before writers fold it all the same, in pages of 4 KiB.
pub(super) const MOST_PAGES: &str = "8192";
/// How many times what was written meanwhile is folded at once. SQLite begins the log anew only where nothing of it is left.
const ATTEMPTS: usize = 4;

/// Does so until dropped.
pub(super) async fn fold(pool: Pool<Opener>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        for _ in 0..ATTEMPTS {
            match once(&pool).await {
                Ok(true) => break,
                Ok(false) => {}
                // Writers do it when the log is full.
                Err(error) => {
                    tracing::warn!(%error, "what was written could not be folded into the database's file");
                    break;
                }
            }
        }
    }
}

/// Whether nothing is left.
async fn once(pool: &Pool<Opener>) -> sqlx::Result<bool> {
    let mut connection = shared::take(pool, INTERVAL).await?;
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *connection).await?;
    let [pages, folded]: [i64; 2] = [row.try_get("log")?, row.try_get("checkpointed")?];
    Ok(pages == folded)
}
