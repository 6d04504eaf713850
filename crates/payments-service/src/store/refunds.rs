//! The table `refunds`: what was given back, one row each. The sum stands in its payment.

use chassis::database::{Queryable, Result, Transaction, sql};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::{ChargeId, PaymentId, RefundId};

/// Money given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) id: RefundId,
    pub(crate) payment_id: PaymentId,
    /// The charge that had taken it.
    pub(crate) charge_id: ChargeId,
    pub(crate) minor: i64,
    /// Who asked for it; nobody when a booking ended.
    pub(crate) requested_by: Option<UserId>,
    pub(crate) created_at: Timestamp,
}

/// Adds a refund.
pub(crate) async fn insert(transaction: &mut Transaction, refund: &Refund) -> Result<()> {
    sql("INSERT INTO refunds (id, payment_id, charge_id, amount_minor, requested_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)")
    .bind(refund.id.0)
    .bind(refund.payment_id.0)
    .bind(refund.charge_id.0)
    .bind(refund.minor)
    .bind(refund.requested_by.map(Uuid::from))
    .bind(refund.created_at)
    .execute(transaction)
    .await
    .map(drop)
}

/// The refund called `id`.
pub(crate) async fn find(on: &mut impl Queryable, id: RefundId) -> Result<Option<Refund>> {
    let row = sql("SELECT * FROM refunds WHERE id = $1").bind(id.0).fetch_optional(on).await?;
    row.map(|row| {
        Ok(Refund {
            id,
            payment_id: PaymentId(row.get("payment_id")?),
            charge_id: ChargeId(row.get("charge_id")?),
            minor: row.get("amount_minor")?,
            requested_by: row.get::<Option<Uuid>>("requested_by")?.map(UserId),
            created_at: row.get("created_at")?,
        })
    })
    .transpose()
}
