//! The end of a booking, as appointments-service tells it.

use chassis::database::Result;

use super::Cashier;
use crate::{
    counters::Ending,
    domain::{AppointmentId, Released},
    store::{payments, releases},
};

/// What appointments-service asks for.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) appointment_id: AppointmentId,
    pub(crate) refund_minor: i64,
    pub(crate) reason: String,
}

impl Cashier {
    /// Ends the payment of a booking. Whatever is asked for a second time was settled the first time.
    pub(crate) async fn release(&self, release: &Release) -> Result<()> {
        let now = self.now();
        let mut transaction = self.database.begin().await?;
        releases::lock_booking(&mut transaction, release.appointment_id).await?;
        let Release { appointment_id, refund_minor, reason } = release;
        if !releases::insert(&mut transaction, *appointment_id, *refund_minor, reason, now).await? {
            return Ok(());
        }
        let mut released = Released::Nothing;
        if let Some(mut payment) = payments::lock_for(&mut transaction, *appointment_id).await? {
            released = payment.release(*refund_minor, now);
            payments::update(&mut transaction, &payment).await?;
            if let Released::GiveBack(minor) = released {
                self.give_back(&mut transaction, &payment, minor, None).await?;
            }
        }
        transaction.commit().await?;

        match released {
            Released::GiveBack(_) => self.wake.wake(),
            Released::Cancelled => self.counters.ended(Ending::Released),
            Released::Awaited | Released::Nothing => {}
        }
        Ok(())
    }
}
