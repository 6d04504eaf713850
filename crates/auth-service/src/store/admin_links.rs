//! The table `admin_links`: which link makes the first administrator, until when, and whether it was used.

use chassis::database::{Queryable, Result, Transaction, sql};
use jiff::Timestamp;
use uuid::Uuid;

/// The one link that can still be redeemed.
pub(crate) async fn valid(on: &mut impl Queryable, now: Timestamp) -> Result<Option<Uuid>> {
    let row =
        sql("SELECT id FROM admin_links WHERE used_at IS NULL AND expires_at > $1 ORDER BY id DESC LIMIT 1")
            .bind(now)
            .fetch_optional(on)
            .await?;
    row.map(|row| row.get("id")).transpose()
}

/// Makes a link and forgets all others.
pub(crate) async fn replace(on: &mut Transaction, id: Uuid, now: Timestamp, until: Timestamp) -> Result<()> {
    sql("DELETE FROM admin_links").execute(on).await?;
    sql("INSERT INTO admin_links (id, created_at, expires_at) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(now)
        .bind(until)
        .execute(on)
        .await
        .map(drop)
}

/// Uses the link up. False when that was done before, or its time is over: of any number of callers one succeeds.
pub(crate) async fn redeem(on: &mut Transaction, id: Uuid, now: Timestamp) -> Result<bool> {
    let changed =
        sql("UPDATE admin_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2")
            .bind(id)
            .bind(now)
            .execute(on)
            .await?;
    Ok(changed == 1)
}
