//! Taking time that is free.

use chassis::{
    database::Transaction,
    problem::{Answer, Problem, codes},
};
use identity::UserId;
use jiff::Timestamp;

use super::Calendar;
use crate::{
    domain::{Appointment, AppointmentId, OfferingId, Provider, Refusal, Span},
    store::{appointments, offerings, providers},
};

impl Calendar {
    /// Books the slot of an offering that begins at `starts_at` for `customer`.
    pub(crate) async fn book(
        &self,
        customer: UserId,
        offering: OfferingId,
        starts_at: Timestamp,
    ) -> Answer<Appointment> {
        let unknown = || Problem::new(&codes::NOT_FOUND).detail("there is no such offering");
        let mut transaction = self.database.begin().await?;
        let offering = offerings::find(&mut transaction, offering).await?;
        let offering = offering.filter(|offering| offering.active).ok_or_else(unknown)?;
        let provider = providers::lock(&mut transaction, offering.provider_id).await?.ok_or_else(unknown)?;

        // Read after the wait for the lock, which is when the decision is made.
        let now = self.now();
        let id = AppointmentId::generate(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref());
        let length = offering.terms.minutes;
        let time = find_free(&mut transaction, &provider, length, starts_at, id, now).await?;
        let appointment = Appointment::book(id, customer, (&provider, &offering), time, self.hold, now);
        match appointments::insert(&mut transaction, &appointment).await {
            Err(error) if error.is_taken() => return Err(Refusal::Taken.into()),
            inserted => inserted?,
        }
        transaction.commit().await?;
        Ok(appointment)
    }
}

/// The slot of `minutes` that begins at `starts_at`, if nobody else than the appointment `of` holds any of it.
/// Holds that have expired are noted as lapsed first, so that they are in nobody's way.
pub(super) async fn find_free(
    transaction: &mut Transaction,
    provider: &Provider,
    minutes: u32,
    starts_at: Timestamp,
    of: AppointmentId,
    now: Timestamp,
) -> Answer<Span> {
    if starts_at <= now {
        return Err(Refusal::InThePast.into());
    }
    let time = provider.schedule().slot_at(starts_at, minutes)?;
    appointments::lapse(transaction, provider.id, time, of, now).await?;
    if appointments::is_taken(transaction, provider.id, time, of).await? {
        return Err(Refusal::Taken.into());
    }
    Ok(time)
}
