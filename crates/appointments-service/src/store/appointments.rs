//! The table `appointments`. Live rows, pending or confirmed, of one provider never overlap.

use chassis::{
    database::{Database, Engine, Queryable, Result, Row, Transaction, sql},
    page::Page,
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{corrupt, providers::cancellation};
use crate::domain::{Appointment, AppointmentId, CancellationTerms, Name, OfferingId, Party, Price, Span};

/// How many expired holds are noted at once.
const BATCH: i64 = 100;

/// The appointment called `id`.
pub(crate) async fn find(on: &mut impl Queryable, id: AppointmentId) -> Result<Option<Appointment>> {
    let row = sql("SELECT * FROM appointments WHERE id = $1").bind(id.0).fetch_optional(on).await?;
    row.as_ref().map(appointment).transpose()
}

/// A page of the appointments in which `user` takes part as `party`, latest booked first.
pub(crate) async fn page(
    database: &Database,
    user: UserId,
    party: Party,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<Appointment>> {
    let select = match party {
        Party::Customer => {
            "SELECT * FROM appointments WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        }
        Party::Provider => {
            "SELECT * FROM appointments WHERE provider_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        }
    };
    let rows = sql(select)
        .bind(user.0)
        .bind(after.unwrap_or(Uuid::max()))
        .bind(limit + 1)
        .fetch_all(&mut database.read().await?)
        .await?;
    let appointments = rows.iter().map(appointment).collect::<Result<_>>()?;
    Ok(Page::cut(appointments, limit, |appointment| appointment.id.0))
}

/// The times of `provider` within `span` that somebody holds at `now`, in order.
pub(crate) async fn busy(
    on: &mut impl Queryable,
    provider: UserId,
    span: Span,
    now: Timestamp,
) -> Result<Vec<Span>> {
    // Live rows do not overlap and take at least five minutes each, so a span of a month holds them to some thousands.
    let rows = sql("SELECT starts_at, ends_at FROM appointments
                    WHERE provider_id = $1 AND status IN ('pending_payment', 'confirmed')
                      AND (status = 'confirmed' OR hold_expires_at > $2)
                      AND starts_at < $3 AND ends_at > $4
                    ORDER BY starts_at")
    .bind(provider.0)
    .bind(now)
    .bind(span.ends_at)
    .bind(span.starts_at)
    .fetch_all(on)
    .await?;
    rows.iter().map(time).collect()
}

/// Whether somebody else than `but` holds a part of `span`. The holder of the provider's row asks.
pub(crate) async fn is_taken(
    transaction: &mut Transaction,
    provider: UserId,
    span: Span,
    but: AppointmentId,
) -> Result<bool> {
    let found = sql("SELECT 1 FROM appointments
                     WHERE provider_id = $1 AND status IN ('pending_payment', 'confirmed')
                       AND starts_at < $2 AND ends_at > $3 AND id <> $4
                     LIMIT 1")
    .bind(provider.0)
    .bind(span.ends_at)
    .bind(span.starts_at)
    .bind(but.0)
    .fetch_optional(transaction)
    .await?;
    Ok(found.is_some())
}

/// Notes that holds of `provider`, of time in `span`, have expired by `now`, except `but`. The holder of the provider's
/// row does it.
pub(crate) async fn lapse(
    transaction: &mut Transaction,
    provider: UserId,
    span: Span,
    but: AppointmentId,
    now: Timestamp,
) -> Result<u64> {
    sql("UPDATE appointments SET status = 'lapsed', updated_at = $1
         WHERE provider_id = $2 AND status = 'pending_payment' AND hold_expires_at <= $1
           AND starts_at < $3 AND ends_at > $4 AND id <> $5")
    .bind(now)
    .bind(provider.0)
    .bind(span.ends_at)
    .bind(span.starts_at)
    .bind(but.0)
    .execute(transaction)
    .await
}

/// Notes that holds of all providers have expired by `now`, some of them; how many. Nobody can mind, so no provider's
/// row is needed; what somebody else is about to change is left out rather than waited for.
pub(crate) async fn lapse_some(database: &Database, now: Timestamp) -> Result<u64> {
    let mut transaction = database.begin().await?;
    let update = match transaction.engine() {
        Engine::Sqlite => {
            "UPDATE appointments SET status = 'lapsed', updated_at = $1 WHERE id IN (
                 SELECT id FROM appointments WHERE status = 'pending_payment' AND hold_expires_at <= $1
                 ORDER BY hold_expires_at LIMIT $2)"
        }
        Engine::Postgres => {
            "UPDATE appointments SET status = 'lapsed', updated_at = $1 WHERE id IN (
                 SELECT id FROM appointments WHERE status = 'pending_payment' AND hold_expires_at <= $1
                 ORDER BY hold_expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
        }
    };
    let lapsed = sql(update).bind(now).bind(BATCH).execute(&mut transaction).await?;
    transaction.commit().await?;
    Ok(lapsed)
}

/// Whether anything has expired by `now` and was not noted.
pub(crate) async fn any_expired(database: &Database, now: Timestamp) -> Result<bool> {
    let select =
        "SELECT 1 FROM appointments WHERE status = 'pending_payment' AND hold_expires_at <= $1 LIMIT 1";
    Ok(sql(select).bind(now).fetch_optional(&mut database.read().await?).await?.is_some())
}

/// Adds an appointment.
pub(crate) async fn insert(transaction: &mut Transaction, appointment: &Appointment) -> Result<()> {
    sql("INSERT INTO appointments
             (id, provider_id, customer_id, offering_id, offering_name, starts_at, ends_at, price_minor, currency,
              status, hold_expires_at, payment_id, paid_at, free_until_hours, late_refund_percent, free_until,
              refund_minor, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)")
    .bind(appointment.id.0)
    .bind(appointment.provider_id.0)
    .bind(appointment.customer_id.0)
    .bind(appointment.offering_id.0)
    .bind(appointment.offering_name.as_str())
    .bind(appointment.time.starts_at)
    .bind(appointment.time.ends_at)
    .bind(appointment.price.minor)
    .bind(appointment.price.currency.as_str())
    .bind(appointment.status.as_str())
    .bind(appointment.hold_expires_at)
    .bind(appointment.payment_id)
    .bind(appointment.paid_at)
    .bind(appointment.terms.policy.free_until_hours)
    .bind(u32::from(appointment.terms.policy.late_refund_percent))
    .bind(appointment.terms.free_until)
    .bind(appointment.refund_minor)
    .bind(appointment.created_at)
    .bind(appointment.updated_at)
    .execute(transaction)
    .await
    .map(drop)
}

/// Writes what may change of an appointment. The holder of the provider's row does it.
pub(crate) async fn update(transaction: &mut Transaction, appointment: &Appointment) -> Result<()> {
    sql("UPDATE appointments SET
             starts_at = $2, ends_at = $3, status = $4, hold_expires_at = $5, payment_id = $6, paid_at = $7,
             free_until = $8, refund_minor = $9, updated_at = $10
         WHERE id = $1")
    .bind(appointment.id.0)
    .bind(appointment.time.starts_at)
    .bind(appointment.time.ends_at)
    .bind(appointment.status.as_str())
    .bind(appointment.hold_expires_at)
    .bind(appointment.payment_id)
    .bind(appointment.paid_at)
    .bind(appointment.terms.free_until)
    .bind(appointment.refund_minor)
    .bind(appointment.updated_at)
    .execute(transaction)
    .await
    .map(drop)
}

fn time(row: &Row) -> Result<Span> {
    Ok(Span { starts_at: row.get("starts_at")?, ends_at: row.get("ends_at")? })
}

fn appointment(row: &Row) -> Result<Appointment> {
    let price = Price::parse(row.get("price_minor")?, &row.get::<String>("currency")?);
    Ok(Appointment {
        id: AppointmentId(row.get("id")?),
        provider_id: UserId(row.get("provider_id")?),
        customer_id: UserId(row.get("customer_id")?),
        offering_id: OfferingId(row.get("offering_id")?),
        offering_name: Name::parse(&row.get::<String>("offering_name")?).map_err(corrupt("offering_name"))?,
        time: time(row)?,
        price: price.map_err(corrupt("price_minor or currency"))?,
        status: row.parse("status")?,
        hold_expires_at: row.get("hold_expires_at")?,
        payment_id: row.get("payment_id")?,
        paid_at: row.get("paid_at")?,
        terms: CancellationTerms { policy: cancellation(row)?, free_until: row.get("free_until")? },
        refund_minor: row.get("refund_minor")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
