//! Giving money back because the provider or an administrator says so.

use chassis::problem::{Answer, Problem};
use identity::UserId;

use super::{Cashier, confirm::lock};
use crate::{
    domain::{NotRefundable, Payment, PaymentId},
    idempotency::{Recorded, Reservation},
    problems,
    store::payments,
};

/// Who wants how much of what back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) payment_id: PaymentId,
    /// Everything that is left when not given.
    pub(crate) minor: Option<i64>,
    pub(crate) requested_by: UserId,
}

impl Cashier {
    /// Gives money back and records what `answer` makes of it.
    ///
    /// # Errors
    /// `payment_not_refundable`, `refund_exceeds_payment`.
    pub(crate) async fn refund(
        &self,
        reservation: &Reservation,
        wanted: Wanted,
        answer: fn(&Payment) -> Answer<Recorded>,
    ) -> Answer<Recorded> {
        let mut transaction = self.database.begin().await?;
        let mut payment = lock(&mut transaction, wanted.payment_id).await?;
        let minor = payment.refund(wanted.minor, self.now()).map_err(refuse)?;
        payments::update(&mut transaction, &payment).await?;
        self.give_back(&mut transaction, &payment, minor, Some(wanted.requested_by)).await?;
        let recorded = answer(&payment)?;
        reservation.complete(&mut transaction, &recorded).await?;
        transaction.commit().await?;

        self.wake.wake();
        Ok(recorded)
    }
}

fn refuse(refusal: NotRefundable) -> Problem {
    let code = match refusal {
        NotRefundable::Status(_) | NotRefundable::Spent => &problems::PAYMENT_NOT_REFUNDABLE,
        NotRefundable::Exceeds { .. } => &problems::REFUND_EXCEEDS_PAYMENT,
    };
    Problem::new(code).detail(refusal.to_string())
}
