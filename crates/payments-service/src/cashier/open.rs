//! Making the payment of a booking.

use chassis::problem::{Answer, Problem, codes};
use identity::UserId;
use jiff::Timestamp;

use super::Cashier;
use crate::{
    domain::{AppointmentId, Money, Payment, PaymentId, State},
    store::{payments, releases},
};

/// What is to be paid.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) appointment_id: AppointmentId,
    pub(crate) customer_id: UserId,
    pub(crate) provider_id: UserId,
    pub(crate) amount: Money,
    pub(crate) description: String,
    pub(crate) expires_at: Timestamp,
}

impl Cashier {
    /// The payment of a booking: made now, or made before if the same was asked for then. A booking that has ended
    /// meanwhile gets one that is cancelled already.
    ///
    /// # Errors
    /// `not_found` when the booking's payment is somebody else's; `validation_failed` when it is of another amount or
    /// to another provider, or when its time is over before it began.
    pub(crate) async fn open(&self, opening: Opening) -> Answer<Payment> {
        let mut transaction = self.database.begin().await?;
        releases::lock_booking(&mut transaction, opening.appointment_id).await?;
        if let Some(payment) = payments::lock_for(&mut transaction, opening.appointment_id).await? {
            return same(payment, &opening);
        }
        let now = self.now();
        if opening.expires_at <= now {
            return Err(Problem::new(&codes::VALIDATION_FAILED).detail("`expires_at` is over"));
        }
        let ended = releases::exists(&mut transaction, opening.appointment_id).await?;
        let payment = Payment {
            id: PaymentId::generate(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref()),
            appointment_id: opening.appointment_id,
            customer_id: opening.customer_id,
            provider_id: opening.provider_id,
            amount: opening.amount,
            description: opening.description,
            expires_at: opening.expires_at,
            created_at: now,
            updated_at: now,
            state: if ended { State::Cancelled } else { State::RequiresConfirmation { declined: None } },
            charge: None,
            card: None,
            refunded_minor: 0,
        };
        payments::insert(&mut transaction, &payment).await?;
        transaction.commit().await?;
        Ok(payment)
    }
}

fn same(payment: Payment, opening: &Opening) -> Answer<Payment> {
    if payment.customer_id != opening.customer_id {
        return Err(Problem::new(&codes::NOT_FOUND));
    }
    if payment.amount != opening.amount || payment.provider_id != opening.provider_id {
        let detail = "the booking has a payment of another amount or to another provider";
        return Err(Problem::new(&codes::VALIDATION_FAILED).detail(detail));
    }
    Ok(payment)
}
