//! The table `client_assertions`: which were presented, until they expire.

use chassis::database::{Result, Transaction, sql};
use jiff::Timestamp;

use crate::domain::registered_client::ClientId;

/// Takes an assertion. False when that was done before: of any number of callers one succeeds.
pub(crate) async fn take(
    on: &mut Transaction,
    client: &ClientId,
    jti: &str,
    forget_at: Timestamp,
) -> Result<bool> {
    let taken = sql("INSERT INTO client_assertions (client_id, jti, forget_at) VALUES ($1, $2, $3)
                     ON CONFLICT DO NOTHING")
    .bind(client.as_str())
    .bind(jti)
    .bind(forget_at)
    .execute(on)
    .await?;
    Ok(taken == 1)
}

/// Forgets some that have expired; how many.
pub(crate) async fn forget(on: &mut Transaction, before: Timestamp, at_most: i64) -> Result<u64> {
    sql("DELETE FROM client_assertions WHERE (client_id, jti) IN
             (SELECT client_id, jti FROM client_assertions WHERE forget_at < $1 ORDER BY forget_at LIMIT $2)")
    .bind(before)
    .bind(at_most)
    .execute(on)
    .await
}
