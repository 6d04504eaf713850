//! What leaves this service through the outbox: how payments ended, to appointments-service, and money given back,
//! to the processor. Written in the transaction that decides it; `delivery` carries it out.

mod delivery;

use chassis::{
    Ambient,
    database::{Result, Transaction},
    outbox::enqueue,
};
use identity::uuid_v7;
use jiff::Timestamp;
use prost::Message;
use wire::appointments::v1::{PaymentOutcome, payment_outcome};

use crate::domain::{Payment, RefundId};

pub(crate) use delivery::Delivery;
pub(crate) use payment_outcome::Result as Outcome;

/// A [`PaymentOutcome`].
const OUTCOME: &str = "payment_outcome";
/// The id of a refund.
const REFUND: &str = "refund";

/// Tells appointments-service how `payment` ended.
pub(crate) async fn report(
    transaction: &mut Transaction,
    payment: &Payment,
    outcome: Outcome,
    ambient: &Ambient,
) -> Result<()> {
    let message = PaymentOutcome {
        payment_id: payment.id.to_string(),
        appointment_id: payment.appointment_id.to_string(),
        result: outcome.into(),
    };
    let id = uuid_v7(ambient.clock.as_ref(), ambient.entropy.as_ref());
    enqueue(transaction, id, OUTCOME, message.encode_to_vec(), payment.updated_at).await
}

/// Tells the processor to give back what `refund` says.
pub(crate) async fn give_back(transaction: &mut Transaction, refund: RefundId, now: Timestamp) -> Result<()> {
    // The refund's own id is the message's: nothing is given back by two messages.
    enqueue(transaction, refund.0, REFUND, refund.0.as_bytes().to_vec(), now).await
}
