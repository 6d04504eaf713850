//! Ending holds that were not paid for in time.

use chassis::database::{Result, Transaction};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use super::Calendar;
use crate::{
    domain::{AppointmentId, Span},
    releases,
    store::{appointments, providers},
};

impl Calendar {
    /// Ends the holds of all providers that have expired; how many there were.
    pub(crate) async fn lapse_expired(&self) -> Result<usize> {
        let always = Span { starts_at: Timestamp::UNIX_EPOCH, ends_at: Timestamp::MAX };
        let mut lapsed = 0;
        for provider in appointments::providers_with_expired(&self.database, self.now()).await? {
            let mut transaction = self.database.begin().await?;
            providers::lock(&mut transaction, provider).await?;
            let (nobody, now) = (AppointmentId(Uuid::nil()), self.now());
            lapsed += self.end_expired(&mut transaction, provider, always, nobody, now).await?;
            transaction.commit().await?;
            self.wake.wake();
        }
        Ok(lapsed)
    }

    /// Ends the holds of `provider` within `span` that have expired, except `but`; how many there were. The caller
    /// has the provider's row.
    pub(super) async fn end_expired(
        &self,
        transaction: &mut Transaction,
        provider: UserId,
        span: Span,
        but: AppointmentId,
        now: Timestamp,
    ) -> Result<usize> {
        let expired = appointments::expired(transaction, provider, span, but, now).await?;
        let count = expired.len();
        for mut appointment in expired {
            if let Some(release) = appointment.lapse(now) {
                appointments::update(transaction, &appointment).await?;
                releases::enqueue(transaction, &self.ambient, &release, now).await?;
            }
        }
        Ok(count)
    }
}
