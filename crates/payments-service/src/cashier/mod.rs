//! What is done with payments, one file per deed, each with its transactions.
//!
//! The way of a confirmation: `confirm` marks the payment as processing and commits; only then is the processor
//! asked, under the charge's id; then the payment, the message it causes and the answer to the caller are stored
//! together. Whatever dies in between, `watch` finds out from the processor what truly happened. Money goes back
//! the same way round: the refund is stored with a message to the processor, which does nothing twice.

mod confirm;
mod open;
mod refund;
mod release;
mod watch;

use std::sync::Arc;

use chassis::{
    Ambient,
    database::{Database, Result, Transaction},
    outbox::Wake,
    page::Page,
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    counters::Counters,
    domain::{CardNumber, Consequence, Payment, PaymentId, RefundId},
    outgoing::{self, Outcome},
    processor::Processor,
    store::{
        payments,
        refunds::{self, Refund},
    },
};

pub(crate) use open::Opening;
pub(crate) use refund::Wanted;
pub(crate) use release::Release;

/// Does everything that is done with payments.
#[derive(Clone)]
pub(crate) struct Cashier {
    pub(crate) database: Database,
    pub(crate) ambient: Ambient,
    pub(crate) processor: Arc<dyn Processor>,
    /// Rings for the outbox.
    pub(crate) wake: Wake,
    pub(crate) counters: Counters,
}

impl Cashier {
    /// Whether such a card can be charged at all.
    pub(crate) fn accepts(&self, card: &CardNumber) -> bool {
        self.processor.accepts(card)
    }

    /// The payment called `id`.
    pub(crate) async fn find(&self, id: PaymentId) -> Result<Option<Payment>> {
        payments::find(&mut self.database.read().await?, id).await
    }

    /// What a customer pays and has paid, newest first.
    pub(crate) async fn page(
        &self,
        customer: UserId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Page<Payment>> {
        payments::page(&mut self.database.read().await?, customer, after, limit).await
    }

    fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// Stores a payment about which something was learnt, with the message that this causes.
    async fn follow(
        &self,
        transaction: &mut Transaction,
        payment: &Payment,
        consequence: Consequence,
    ) -> Result<()> {
        payments::update(transaction, payment).await?;
        match consequence {
            Consequence::Nothing => Ok(()),
            Consequence::ReportSucceeded => {
                outgoing::report(transaction, payment, Outcome::Succeeded, &self.ambient).await
            }
            Consequence::ReportCancelled => {
                outgoing::report(transaction, payment, Outcome::Cancelled, &self.ambient).await
            }
            Consequence::GiveBack(minor) => self.give_back(transaction, payment, minor, None).await,
        }
    }

    /// Stores that `minor` units go back, with the message that makes it so. The payment is stored by the caller.
    async fn give_back(
        &self,
        transaction: &mut Transaction,
        payment: &Payment,
        minor: i64,
        requested_by: Option<UserId>,
    ) -> Result<()> {
        let Some(charge_id) = payment.charge else { return Ok(()) };
        let id = RefundId::generate(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref());
        let created_at = self.now();
        let refund = Refund { id, payment_id: payment.id, charge_id, minor, requested_by, created_at };
        refunds::insert(transaction, &refund).await?;
        outgoing::give_back(transaction, id, created_at).await
    }
}
