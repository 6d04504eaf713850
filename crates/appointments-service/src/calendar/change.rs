//! Changing an appointment that exists.

use chassis::{
    database::Transaction,
    problem::{Answer, Problem, codes},
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Calendar, book::find_free};
use crate::{
    domain::{Appointment, AppointmentId, Outcome, Party, Provider, Refusal, Release},
    releases,
    store::{appointments, providers},
};

/// An appointment in hand, its provider's row locked: nobody else changes it until it is put back or dropped.
struct InHand {
    transaction: Transaction,
    provider: Provider,
    appointment: Appointment,
    now: Timestamp,
}

impl Calendar {
    /// An appointment in which `user` takes part. Somebody else's does not exist for them.
    pub(crate) async fn read(&self, user: UserId, id: AppointmentId) -> Answer<Appointment> {
        let appointment = appointments::find(&mut self.database.read().await?, id).await?;
        appointment.filter(|appointment| appointment.party(user).is_some()).ok_or_else(not_found)
    }

    /// Calls off an appointment in which `user` takes part.
    pub(crate) async fn cancel(&self, user: UserId, id: AppointmentId) -> Answer<Appointment> {
        let (mut in_hand, party) = self.take_as(user, id).await?;
        let release = in_hand.appointment.cancel(party, in_hand.now)?;
        self.put_back(in_hand, release).await
    }

    /// Moves an appointment in which `user` takes part to the slot that begins at `starts_at`.
    pub(crate) async fn reschedule(
        &self,
        user: UserId,
        id: AppointmentId,
        starts_at: Timestamp,
    ) -> Answer<Appointment> {
        let (mut in_hand, party) = self.take_as(user, id).await?;
        let InHand { transaction, provider, appointment, now } = &mut in_hand;
        appointment.check_changeable(*now)?;
        let minutes = appointment.time.minutes();
        let time = find_free(transaction, provider, minutes, starts_at, id, *now).await?;
        appointment.reschedule(party, time, *now)?;
        self.put_back(in_hand, None).await
    }

    /// Notes the payment that was made for an appointment.
    pub(crate) async fn attach_payment(&self, id: AppointmentId, payment: Uuid) -> Answer<Appointment> {
        let mut in_hand = self.take(id).await?;
        in_hand.appointment.payment_id.get_or_insert(payment);
        self.put_back(in_hand, None).await
    }

    /// Ends an appointment for which no payment could be had. The payment may have been made all the same and only
    /// the answer lost.
    pub(crate) async fn abandon(&self, id: AppointmentId) -> Answer<Appointment> {
        let mut in_hand = self.take(id).await?;
        let release = in_hand.appointment.abandon(in_hand.now);
        self.put_back(in_hand, release).await
    }

    /// Takes note of how a payment ended, however often it is told.
    pub(crate) async fn settle(
        &self,
        id: AppointmentId,
        payment: Uuid,
        outcome: Outcome,
    ) -> Answer<Appointment> {
        let mut in_hand = self.take(id).await?;
        let InHand { transaction, provider, appointment, now } = &mut in_hand;
        if appointment.payment_id.is_some_and(|known| known != payment) {
            return Err(
                Problem::new(&codes::VALIDATION_FAILED).cause("another payment than the appointment's")
            );
        }
        let time = appointment.time;
        appointments::lapse(transaction, provider.id, time, id, *now).await?;
        let time_is_free = !appointments::is_taken(transaction, provider.id, time, id).await?;
        let release = appointment.settle(payment, outcome, time_is_free, *now);
        self.put_back(in_hand, release).await
    }

    async fn take_as(&self, user: UserId, id: AppointmentId) -> Answer<(InHand, Party)> {
        // Strangers are turned away before they lock anything.
        let party = self.read(user, id).await?.party(user).ok_or_else(not_found)?;
        Ok((self.take(id).await?, party))
    }

    async fn take(&self, id: AppointmentId) -> Answer<InHand> {
        let mut transaction = self.database.begin().await?;
        let found = appointments::find(&mut transaction, id).await?.ok_or_else(not_found)?;
        let provider = providers::lock(&mut transaction, found.provider_id).await?.ok_or_else(not_found)?;
        // Only what is read behind the lock counts.
        let appointment = appointments::find(&mut transaction, id).await?.ok_or_else(not_found)?;
        Ok(InHand { transaction, provider, appointment, now: self.now() })
    }

    async fn put_back(&self, in_hand: InHand, release: Option<Release>) -> Answer<Appointment> {
        let InHand { mut transaction, appointment, now, .. } = in_hand;
        match appointments::update(&mut transaction, &appointment).await {
            Err(error) if error.is_taken() => return Err(Refusal::Taken.into()),
            updated => updated?,
        }
        if let Some(release) = &release {
            releases::enqueue(&mut transaction, &self.ambient, release, now).await?;
        }
        transaction.commit().await?;
        self.wake.wake();
        Ok(appointment)
    }
}

fn not_found() -> Problem {
    Problem::new(&codes::NOT_FOUND)
}
