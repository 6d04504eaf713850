//! The table `payments`.

use chassis::{
    database::{Engine, Error, Queryable, Result, Row, Transaction, sql},
    page::Page,
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::{AppointmentId, ChargeId, Failure, LastFour, Money, Payment, PaymentId, State, Status};

/// The payment called `id`.
pub(crate) async fn find(on: &mut impl Queryable, id: PaymentId) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE id = $1").bind(id.0).fetch_optional(on).await?;
    row.as_ref().map(payment).transpose()
}

/// The payments of one customer, newest first, which is the order of ids backwards (UUID version 7).
pub(crate) async fn page(
    on: &mut impl Queryable,
    customer: UserId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<Payment>> {
    let select = "SELECT * FROM payments WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let statement = sql(select).bind(customer.0).bind(after.unwrap_or(Uuid::max())).bind(limit + 1);
    let payments = statement.fetch_all(on).await?.iter().map(payment).collect::<Result<_>>()?;
    Ok(Page::cut(payments, limit, |payment| payment.id.0))
}

/// The payment called `id`, which nobody else can change until `transaction` ends.
pub(crate) async fn lock(transaction: &mut Transaction, id: PaymentId) -> Result<Option<Payment>> {
    let select = match transaction.engine() {
        Engine::Sqlite => "SELECT * FROM payments WHERE id = $1",
        Engine::Postgres => "SELECT * FROM payments WHERE id = $1 FOR UPDATE",
    };
    let row = sql(select).bind(id.0).fetch_optional(transaction).await?;
    row.as_ref().map(payment).transpose()
}

/// As [`lock`], for the payment of a booking.
pub(crate) async fn lock_for(
    transaction: &mut Transaction,
    booking: AppointmentId,
) -> Result<Option<Payment>> {
    let select = match transaction.engine() {
        Engine::Sqlite => "SELECT * FROM payments WHERE appointment_id = $1",
        Engine::Postgres => "SELECT * FROM payments WHERE appointment_id = $1 FOR UPDATE",
    };
    let row = sql(select).bind(booking.0).fetch_optional(transaction).await?;
    row.as_ref().map(payment).transpose()
}

/// Payments about which something has to be done, the most urgent first.
pub(crate) async fn due(on: &mut impl Queryable, now: Timestamp, limit: i64) -> Result<Vec<PaymentId>> {
    let select = "SELECT id FROM payments WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    let rows = sql(select).bind(now).bind(limit).fetch_all(on).await?;
    rows.iter().map(|row| row.get("id").map(PaymentId)).collect()
}

/// Adds a payment.
pub(crate) async fn insert(transaction: &mut Transaction, payment: &Payment) -> Result<()> {
    sql("INSERT INTO payments (id, appointment_id, customer_id, provider_id, amount_minor, currency, description,
             status, released, refunded_minor, due_at, expires_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
    .bind(payment.id.0)
    .bind(payment.appointment_id.0)
    .bind(payment.customer_id.0)
    .bind(payment.provider_id.0)
    .bind(payment.amount.minor())
    .bind(payment.amount.currency().to_string())
    .bind(payment.description.as_str())
    .bind(payment.state.status().as_str())
    .bind(false)
    .bind(payment.refunded_minor)
    .bind(payment.due_at())
    .bind(payment.expires_at)
    .bind(payment.created_at)
    .bind(payment.updated_at)
    .execute(transaction)
    .await
    .map(drop)
}

/// Stores what can change about a payment.
pub(crate) async fn update(transaction: &mut Transaction, payment: &Payment) -> Result<()> {
    sql("UPDATE payments SET status = $2, failure = $3, released = $4, charge_id = $5, card_last_four = $6,
             refunded_minor = $7, due_at = $8, updated_at = $9
         WHERE id = $1")
    .bind(payment.id.0)
    .bind(payment.state.status().as_str())
    .bind(payment.failure().map(Failure::as_str))
    .bind(matches!(payment.state, State::Processing { released: true, .. }))
    .bind(payment.charge.map(Uuid::from))
    .bind(payment.card.as_ref().map(LastFour::as_str))
    .bind(payment.refunded_minor)
    .bind(payment.due_at())
    .bind(payment.updated_at)
    .execute(transaction)
    .await
    .map(drop)
}

fn payment(row: &Row) -> Result<Payment> {
    let amount = Money::parse(row.get("amount_minor")?, row.parse("currency")?);
    let card = row.get::<Option<String>>("card_last_four")?.map(|text| text.parse());
    Ok(Payment {
        id: PaymentId(row.get("id")?),
        appointment_id: AppointmentId(row.get("appointment_id")?),
        customer_id: UserId(row.get("customer_id")?),
        provider_id: UserId(row.get("provider_id")?),
        amount: amount.map_err(|error| Error::corrupt("amount_minor", error))?,
        description: row.get("description")?,
        expires_at: row.get("expires_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        state: state(row)?,
        charge: row.get::<Option<Uuid>>("charge_id")?.map(ChargeId),
        card: card.transpose().map_err(|error| Error::corrupt("card_last_four", error))?,
        refunded_minor: row.get("refunded_minor")?,
    })
}

fn state(row: &Row) -> Result<State> {
    let failure = row.get::<Option<String>>("failure")?.map(|text| text.parse());
    let failure = failure.transpose().map_err(|error| Error::corrupt("failure", error))?;
    Ok(match row.parse::<Status>("status")? {
        Status::RequiresConfirmation => State::RequiresConfirmation { declined: failure },
        Status::Processing => {
            State::Processing { check_at: row.get("due_at")?, released: row.get("released")? }
        }
        Status::Succeeded => State::Succeeded,
        Status::Failed => State::Failed(failure.ok_or_else(|| Error::corrupt("failure", "none"))?),
        Status::Cancelled => State::Cancelled,
    })
}
