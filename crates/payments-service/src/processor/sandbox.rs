//! A processor that moves no money: what happens depends on the card's number.
//!
//! It keeps books as a bank would, in tables of its own, so that it remembers over restarts and replicas, and a
//! test can count what was truly charged.

use std::{sync::Arc, time::Duration};

use chassis::database::{self, Database, Row, Transaction, sql};
use futures_util::future::BoxFuture;
use identity::Clock;
use jiff::Timestamp;

use super::{Processor, Unreachable};
use crate::domain::{CardNumber, ChargeId, Failure, Money, RefundId, Verdict};

/// The test cards.
const CARDS: [(&str, Behaviour); 5] = [
    ("4242424242424242", Behaviour { failure: None, takes_time: false }),
    ("4000000000000002", Behaviour { failure: Some(Failure::CardDeclined), takes_time: false }),
    ("4000000000009995", Behaviour { failure: Some(Failure::InsufficientFunds), takes_time: false }),
    ("4000000000000077", Behaviour { failure: None, takes_time: true }),
    ("4000000000000341", Behaviour { failure: Some(Failure::CardDeclined), takes_time: true }),
];

/// What a test card does.
#[derive(Debug, Clone, Copy)]
struct Behaviour {
    failure: Option<Failure>,
    takes_time: bool,
}

/// The built-in processor.
pub(crate) struct Sandbox {
    database: Database,
    clock: Arc<dyn Clock>,
    delay: Duration,
}

impl Sandbox {
    /// Cards that need time take `delay`.
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, delay: Duration) -> Self {
        Self { database, clock, delay }
    }

    async fn book(
        &self,
        charge: ChargeId,
        amount: Option<Money>,
        behaviour: Behaviour,
    ) -> database::Result<Verdict> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        sql("INSERT INTO sandbox_charges (id, amount_minor, currency, failure, settles_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING")
        .bind(charge.0)
        .bind(amount.map_or(0, Money::minor))
        .bind(amount.map_or_else(String::new, |amount| amount.currency().to_string()))
        .bind(behaviour.failure.map(Failure::as_str))
        .bind(behaviour.takes_time.then(|| now + self.delay))
        .bind(now)
        .execute(&mut transaction)
        .await?;
        let verdict = standing(charge, &mut transaction, now).await?;
        transaction.commit().await?;
        Ok(verdict)
    }

    async fn book_refund(&self, refund: RefundId, charge: ChargeId, minor: i64) -> database::Result<()> {
        let mut transaction = self.database.begin().await?;
        sql("INSERT INTO sandbox_refunds (id, charge_id, amount_minor, created_at)
             VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING")
        .bind(refund.0)
        .bind(charge.0)
        .bind(minor)
        .bind(self.clock.now())
        .execute(&mut transaction)
        .await?;
        transaction.commit().await
    }
}

impl Processor for Sandbox {
    fn accepts(&self, card: &CardNumber) -> bool {
        behaviour(card).is_some()
    }

    fn charge<'a>(
        &'a self,
        charge: ChargeId,
        amount: Money,
        card: &'a CardNumber,
    ) -> BoxFuture<'a, Result<Verdict, Unreachable>> {
        let unknown = Behaviour { failure: Some(Failure::CardDeclined), takes_time: false };
        let behaviour = behaviour(card).unwrap_or(unknown);
        Box::pin(async move { self.book(charge, Some(amount), behaviour).await.map_err(unreachable) })
    }

    fn inquire(&self, charge: ChargeId) -> BoxFuture<'_, Result<Verdict, Unreachable>> {
        let lost = Behaviour { failure: Some(Failure::ProcessingError), takes_time: false };
        Box::pin(async move { self.book(charge, None, lost).await.map_err(unreachable) })
    }

    fn give_back(
        &self,
        refund: RefundId,
        charge: ChargeId,
        minor: i64,
    ) -> BoxFuture<'_, Result<(), Unreachable>> {
        Box::pin(async move { self.book_refund(refund, charge, minor).await.map_err(unreachable) })
    }
}

fn behaviour(card: &CardNumber) -> Option<Behaviour> {
    CARDS.iter().find(|(number, _)| *number == card.expose()).map(|(_, behaviour)| *behaviour)
}

async fn standing(
    charge: ChargeId,
    transaction: &mut Transaction,
    now: Timestamp,
) -> database::Result<Verdict> {
    let select = "SELECT failure, settles_at FROM sandbox_charges WHERE id = $1";
    verdict(&sql(select).bind(charge.0).fetch_one(transaction).await?, now)
}

fn verdict(row: &Row, now: Timestamp) -> database::Result<Verdict> {
    let settles_at: Option<Timestamp> = row.get("settles_at")?;
    let failure: Option<String> = row.get("failure")?;
    let failure =
        failure.map(|text| text.parse().map_err(|error| database::Error::corrupt("failure", error)));
    Ok(match (failure.transpose()?, settles_at) {
        (_, Some(until)) if until > now => Verdict::Pending { until },
        (None, _) => Verdict::Approved,
        (Some(failure), None) => Verdict::Declined(failure),
        (Some(failure), Some(_)) => Verdict::Failed(failure),
    })
}

fn unreachable(error: database::Error) -> Unreachable {
    Unreachable(error.into())
}
