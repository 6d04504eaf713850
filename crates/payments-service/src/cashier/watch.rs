//! What has to be done although nobody asks: deadlines, and charges whose outcome is not known yet.

use std::{error::Error, time::Duration};

use chassis::database::Result;
use tokio::time::timeout;

use super::Cashier;
use crate::{
    counters::Ending,
    domain::{ChargeId, Consequence, PaymentId, State, Verdict},
    store::payments,
};

/// How many payments are looked at in one go.
const BATCH: i64 = 32;
/// How long the processor has to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// When it is asked again after it did not.
const PAUSE: Duration = Duration::from_secs(30);

impl Cashier {
    /// Looks at the payments whose time has come, a batch at most; how many it got done with.
    pub(crate) async fn watch(&self) -> Result<usize> {
        let due = payments::due(&mut self.database.read().await?, self.now(), BATCH).await?;
        let mut done = 0;
        for id in due {
            match self.look_at(id).await {
                Ok(()) => done += 1,
                // One that cannot be read must not stand in the way of the others.
                Err(error) => tracing::warn!(%id, error = &error as &dyn Error, "not looked after"),
            }
        }
        Ok(done)
    }

    async fn look_at(&self, id: PaymentId) -> Result<()> {
        let Some(payment) = self.find(id).await? else { return Ok(()) };
        match (payment.state, payment.charge) {
            (State::RequiresConfirmation { .. }, _) => self.expire(id).await,
            (State::Processing { .. }, Some(charge)) => self.inquire(id, charge).await,
            // Somebody else has looked at it.
            _ => Ok(()),
        }
    }

    async fn expire(&self, id: PaymentId) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let Some(mut payment) = payments::lock(&mut transaction, id).await? else { return Ok(()) };
        if !payment.expire(self.now()) {
            return Ok(());
        }
        self.follow(&mut transaction, &payment, Consequence::ReportCancelled).await?;
        transaction.commit().await?;
        self.wake.wake();
        self.counters.ended(Ending::Expired);
        Ok(())
    }

    async fn inquire(&self, id: PaymentId, charge: ChargeId) -> Result<()> {
        let verdict = self.ask(charge).await;
        let mut transaction = self.database.begin().await?;
        let Some(mut payment) = payments::lock(&mut transaction, id).await? else { return Ok(()) };
        let Some(consequence) = payment.learn(charge, verdict, self.now()) else { return Ok(()) };
        self.follow(&mut transaction, &payment, consequence).await?;
        transaction.commit().await?;
        self.wake.wake();
        self.counters.learnt(verdict);
        Ok(())
    }

    /// A processor that does not answer has not decided.
    async fn ask(&self, charge: ChargeId) -> Verdict {
        let undecided = Verdict::Pending { until: self.now() + PAUSE };
        match timeout(PATIENCE, self.processor.inquire(charge)).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(error)) => {
                tracing::warn!(%charge, error = &error as &dyn Error, "not settled");
                undecided
            }
            Err(_) => {
                tracing::warn!(%charge, "the processor does not answer in time");
                undecided
            }
        }
    }
}
