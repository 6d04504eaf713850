//! The table `releases`: bookings that have ended, and the lock by which a booking's beginning and end take turns.

use chassis::database::{Engine, Queryable, Result, Transaction, sql};
use jiff::Timestamp;

use crate::domain::AppointmentId;

/// Lets nobody else make or release the payment of this booking until `transaction` ends.
///
/// There may be no row yet that could be locked. SQLite has one writer anyway.
pub(crate) async fn lock_booking(transaction: &mut Transaction, booking: AppointmentId) -> Result<()> {
    if transaction.engine() == Engine::Sqlite {
        return Ok(());
    }
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    sql(lock).bind(booking.to_string()).execute(transaction).await.map(drop)
}

/// Notes that a booking has ended; whether that is news.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    booking: AppointmentId,
    refund_minor: i64,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    let inserted = sql("INSERT INTO releases (appointment_id, refund_minor, reason, created_at)
                        VALUES ($1, $2, $3, $4) ON CONFLICT (appointment_id) DO NOTHING")
    .bind(booking.0)
    .bind(refund_minor)
    .bind(reason)
    .bind(now)
    .execute(transaction)
    .await?;
    Ok(inserted == 1)
}

/// Whether a booking has ended.
pub(crate) async fn exists(transaction: &mut Transaction, booking: AppointmentId) -> Result<bool> {
    let select = "SELECT 1 FROM releases WHERE appointment_id = $1";
    Ok(sql(select).bind(booking.0).fetch_optional(transaction).await?.is_some())
}
