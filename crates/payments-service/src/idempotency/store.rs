//! The table `idempotency_keys`.

use chassis::database::{Engine, Queryable, Result, Row, Transaction, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Asked, Fingerprint, Recorded, Reservation, claim::Record};

/// Reserves a key that nobody has used; whether that was so. Waits for whoever is inserting the same one.
pub(super) async fn insert(
    transaction: &mut Transaction,
    asked: &Asked,
    id: Uuid,
    leased_until: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let inserted = sql("INSERT INTO idempotency_keys
                            (caller_id, operation, key, id, fingerprint, attempt, leased_until, created_at)
                        VALUES ($1, $2, $3, $4, $5, 1, $6, $7)
                        ON CONFLICT (caller_id, operation, key) DO NOTHING")
    .bind(asked.caller.0)
    .bind(asked.operation)
    .bind(asked.key.as_str())
    .bind(id)
    .bind(asked.fingerprint.0.clone())
    .bind(leased_until)
    .bind(now)
    .execute(transaction)
    .await?;
    Ok(inserted == 1)
}

/// What is known of a key, with its row locked.
pub(super) async fn lock(transaction: &mut Transaction, asked: &Asked) -> Result<Option<Record>> {
    let select = match transaction.engine() {
        Engine::Sqlite => {
            "SELECT * FROM idempotency_keys WHERE caller_id = $1 AND operation = $2 AND key = $3"
        }
        Engine::Postgres => {
            "SELECT * FROM idempotency_keys WHERE caller_id = $1 AND operation = $2 AND key = $3 FOR UPDATE"
        }
    };
    let statement = sql(select).bind(asked.caller.0).bind(asked.operation).bind(asked.key.as_str());
    statement.fetch_optional(transaction).await?.as_ref().map(record).transpose()
}

/// Reserves a key as if it had never been used.
pub(super) async fn renew(
    transaction: &mut Transaction,
    asked: &Asked,
    id: Uuid,
    leased_until: Timestamp,
    now: Timestamp,
) -> Result<()> {
    sql("UPDATE idempotency_keys SET id = $4, fingerprint = $5, attempt = 1, leased_until = $6, created_at = $7,
             status = NULL, body = NULL
         WHERE caller_id = $1 AND operation = $2 AND key = $3")
    .bind(asked.caller.0)
    .bind(asked.operation)
    .bind(asked.key.as_str())
    .bind(id)
    .bind(asked.fingerprint.0.clone())
    .bind(leased_until)
    .bind(now)
    .execute(transaction)
    .await
    .map(drop)
}

/// Gives the right to answer to the next one.
pub(super) async fn take_over(
    transaction: &mut Transaction,
    reservation: &Reservation,
    leased_until: Timestamp,
) -> Result<()> {
    sql("UPDATE idempotency_keys SET attempt = $2, leased_until = $3 WHERE id = $1")
        .bind(reservation.id)
        .bind(reservation.attempt)
        .bind(leased_until)
        .execute(transaction)
        .await
        .map(drop)
}

/// Records the answer, if the right to answer is still held; whether it was.
pub(super) async fn complete(
    transaction: &mut Transaction,
    reservation: &Reservation,
    recorded: &Recorded,
) -> Result<bool> {
    let completed = sql("UPDATE idempotency_keys SET status = $3, body = $4
                         WHERE id = $1 AND attempt = $2 AND status IS NULL")
    .bind(reservation.id)
    .bind(reservation.attempt)
    .bind(recorded.status)
    .bind(recorded.body.clone())
    .execute(transaction)
    .await?;
    Ok(completed == 1)
}

/// Ends the lease now.
pub(super) async fn let_go(
    transaction: &mut Transaction,
    reservation: &Reservation,
    now: Timestamp,
) -> Result<()> {
    sql("UPDATE idempotency_keys SET leased_until = $3 WHERE id = $1 AND attempt = $2 AND status IS NULL")
        .bind(reservation.id)
        .bind(reservation.attempt)
        .bind(now)
        .execute(transaction)
        .await
        .map(drop)
}

/// Deletes what was reserved before `oldest` and is not being answered; how much that was.
pub(super) async fn sweep(transaction: &mut Transaction, oldest: Timestamp, now: Timestamp) -> Result<u64> {
    sql("DELETE FROM idempotency_keys
         WHERE created_at <= $1 AND (status IS NOT NULL OR leased_until <= $2)")
    .bind(oldest)
    .bind(now)
    .execute(transaction)
    .await
}

fn record(row: &Row) -> Result<Record> {
    let status: Option<i64> = row.get("status")?;
    let answer = match status {
        Some(_) => Some(Recorded { status: row.get("status")?, body: row.get("body")? }),
        None => None,
    };
    Ok(Record {
        id: row.get("id")?,
        fingerprint: Fingerprint(row.get("fingerprint")?),
        attempt: row.get("attempt")?,
        leased_until: row.get("leased_until")?,
        answer,
        created_at: row.get("created_at")?,
    })
}
