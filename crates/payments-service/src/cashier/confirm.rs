//! Charging a card for a payment.

use std::time::Duration;

use chassis::{
    database::Transaction,
    problem::{Answer, Problem, codes},
};
use tokio::time::timeout;

use super::Cashier;
use crate::{
    domain::{Begun, CardNumber, ChargeId, Payment, PaymentId, State, Verdict},
    idempotency::{Recorded, Reservation},
    problems,
    processor::Unreachable,
    store::payments,
};

/// How long the processor has to answer; less than the lease of a reservation.
const PATIENCE: Duration = Duration::from_secs(10);
/// When the processor is asked what became of a charge whose answer nobody recorded: once the reservation's lease
/// is over and the caller had time to repeat the request.
const CHECK_AFTER: Duration = Duration::from_mins(1);

impl Cashier {
    /// Charges `card` for the payment called `id`, once per reservation, and records what `answer` makes of it.
    ///
    /// # Errors
    /// `payment_not_confirmable`, and `unavailable` when the processor does not answer: then nothing is known, and
    /// the same request under the same key finds out.
    pub(crate) async fn confirm(
        &self,
        reservation: &Reservation,
        id: PaymentId,
        card: &CardNumber,
        answer: fn(&Payment) -> Answer<Recorded>,
    ) -> Answer<Recorded> {
        let charge = ChargeId(reservation.id);
        let begun = self.begin_charge(id, charge, card).await?;
        let verdict = match begun.state {
            State::Processing { .. } => Some(self.charge(charge, &begun, card).await?),
            // Begun by somebody who died, and found out meanwhile.
            _ => None,
        };

        let mut transaction = self.database.begin().await?;
        let mut payment = lock(&mut transaction, id).await?;
        let learnt = verdict.and_then(|verdict| payment.learn(charge, verdict, self.now()));
        if let Some(consequence) = learnt {
            self.follow(&mut transaction, &payment, consequence).await?;
        }
        let recorded = answer(&payment)?;
        reservation.complete(&mut transaction, &recorded).await?;
        transaction.commit().await?;

        self.wake.wake();
        if let Some(verdict) = verdict.filter(|_| learnt.is_some()) {
            self.counters.learnt(verdict);
        }
        Ok(recorded)
    }

    /// From here on money may move: nobody else can begin until it is known whether it did.
    async fn begin_charge(&self, id: PaymentId, charge: ChargeId, card: &CardNumber) -> Answer<Payment> {
        let now = self.now();
        let mut transaction = self.database.begin().await?;
        let mut payment = lock(&mut transaction, id).await?;
        let begun = payment.begin(charge, card.last_four(), now, now + CHECK_AFTER);
        let begun = begun.map_err(|refusal| {
            Problem::new(&problems::PAYMENT_NOT_CONFIRMABLE).detail(refusal.to_string())
        })?;
        if begun == Begun::Now {
            payments::update(&mut transaction, &payment).await?;
            transaction.commit().await?;
        }
        Ok(payment)
    }

    async fn charge(&self, charge: ChargeId, payment: &Payment, card: &CardNumber) -> Answer<Verdict> {
        let charged = timeout(PATIENCE, self.processor.charge(charge, payment.amount, card)).await;
        charged.unwrap_or_else(|late| Err(Unreachable(late.into()))).map_err(|error| {
            Problem::new(&codes::UNAVAILABLE)
                .detail("it is not known whether the card was charged; repeat the request with the same key")
                .retry_after(Duration::from_secs(1))
                .cause(error)
        })
    }
}

/// The payment, which the handler has found before: payments are never deleted.
pub(super) async fn lock(transaction: &mut Transaction, id: PaymentId) -> Answer<Payment> {
    payments::lock(transaction, id).await?.ok_or_else(|| Problem::new(&codes::NOT_FOUND))
}
