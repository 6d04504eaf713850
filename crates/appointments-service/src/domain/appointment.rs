//! One appointment and what may become of it.
//!
//! Each change is a method that either refuses or does it, and says what payments-service must be told. Whoever
//! calls it holds the provider's row, so nobody else decides at the same time.

use identity::UserId;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    AppointmentId, CancellationTerms, Name, Offering, OfferingId, Price, Provider, Refusal, Span, Status,
};

/// Time of a provider's that a customer has booked, with the terms under which that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appointment {
    /// Its own name.
    pub(crate) id: AppointmentId,
    /// With whom.
    pub(crate) provider_id: UserId,
    /// For whom.
    pub(crate) customer_id: UserId,
    /// Out of which offering.
    pub(crate) offering_id: OfferingId,
    /// What that was called.
    pub(crate) offering_name: Name,
    /// When.
    pub(crate) time: Span,
    /// What it costs.
    pub(crate) price: Price,
    /// Where it was last known to stand; [`status_at`](Self::status_at) says where it stands.
    pub(crate) status: Status,
    /// Until when it is kept unpaid; none once nothing is to be paid.
    pub(crate) hold_expires_at: Option<Timestamp>,
    /// Its payment.
    pub(crate) payment_id: Option<Uuid>,
    /// When the payment was heard of.
    pub(crate) paid_at: Option<Timestamp>,
    /// What cancelling it costs.
    pub(crate) terms: CancellationTerms,
    /// How much of the price the customer was promised back, in minor units.
    pub(crate) refund_minor: Option<i64>,
    /// When it was booked.
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    pub(crate) updated_at: Timestamp,
}

/// As what somebody takes part in an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// Who booked it.
    Customer,
    /// Who offered it.
    Provider,
}

/// How a payment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was paid.
    Succeeded,
    /// It will not be paid.
    Cancelled,
}

/// What payments-service is to be told, once: cancel the payment if it is not paid, else give back so much of it. The
/// first release is final there, so an appointment has no second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Release {
    /// Whose payment.
    pub(crate) appointment_id: AppointmentId,
    /// How much, in minor units.
    pub(crate) refund_minor: i64,
    /// Why, for the payment's history.
    pub(crate) reason: &'static str,
}

impl Appointment {
    /// Books `time` of `provider` for `offering`, on the terms of this moment. What costs something is held for so
    /// long, but not beyond its beginning; what is free is confirmed at once.
    pub(crate) fn book(
        id: AppointmentId,
        customer_id: UserId,
        (provider, offering): (&Provider, &Offering),
        time: Span,
        hold: SignedDuration,
        now: Timestamp,
    ) -> Self {
        let price = offering.terms.price;
        let expiry = now.checked_add(hold).map_or(time.starts_at, |expiry| expiry.min(time.starts_at));
        Self {
            id,
            provider_id: provider.id,
            customer_id,
            offering_id: offering.id,
            offering_name: offering.terms.name.clone(),
            time,
            price,
            status: if price.is_free() { Status::Confirmed } else { Status::PendingPayment },
            hold_expires_at: (!price.is_free()).then_some(expiry),
            payment_id: None,
            paid_at: None,
            terms: CancellationTerms::agree(provider.cancellation, time.starts_at),
            refund_minor: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// As what `user` takes part in it, if at all.
    pub(crate) fn party(&self, user: UserId) -> Option<Party> {
        match user {
            user if user == self.provider_id => Some(Party::Provider),
            user if user == self.customer_id => Some(Party::Customer),
            _ => None,
        }
    }

    /// Where it stands at `now`: a hold that has expired has lapsed, whether or not anybody has noted it. That is not
    /// the end: a payment that comes late may revive it, so payments-service, whose payment expires at the same
    /// time, is told nothing.
    pub(crate) fn status_at(&self, now: Timestamp) -> Status {
        let expired = self.hold_expires_at.is_some_and(|expires_at| expires_at <= now);
        if self.status == Status::PendingPayment && expired { Status::Lapsed } else { self.status }
    }

    /// Whether it may still be moved or called off.
    pub(crate) fn check_changeable(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status_at(now) {
            Status::Lapsed | Status::Cancelled => Err(Refusal::Ended),
            Status::PendingPayment | Status::Confirmed if self.time.starts_at <= now => Err(Refusal::Begun),
            Status::PendingPayment | Status::Confirmed => Ok(()),
        }
    }

    /// Calls it off. Doing so again changes nothing.
    pub(crate) fn cancel(&mut self, by: Party, now: Timestamp) -> Result<Option<Release>, Refusal> {
        if self.status == Status::Cancelled {
            return Ok(None);
        }
        self.check_changeable(now)?;
        // Before it was confirmed nothing was promised to the provider: a payment that is on its way goes back whole.
        let pending = self.status == Status::PendingPayment;
        let refund = if pending { self.price.minor } else { self.terms.refund(&self.price, by, now) };
        self.status = Status::Cancelled;
        self.hold_expires_at = None;
        self.updated_at = now;
        if self.price.is_free() {
            return Ok(None);
        }
        self.refund_minor = (!pending).then_some(refund);
        Ok(Some(self.release(refund, "the appointment was cancelled")))
    }

    /// Moves it to `time`, which was found to be open and free.
    pub(crate) fn reschedule(&mut self, by: Party, time: Span, now: Timestamp) -> Result<(), Refusal> {
        self.check_changeable(now)?;
        if time.starts_at <= now {
            return Err(Refusal::InThePast);
        }
        self.terms = self.terms.moved(by, time.starts_at, now);
        self.time = time;
        self.updated_at = now;
        Ok(())
    }

    /// Ends a booking that failed half-way: nobody was told of it, so nothing may come of it later.
    pub(crate) fn abandon(&mut self, now: Timestamp) -> Option<Release> {
        if self.status != Status::PendingPayment {
            return None;
        }
        self.status = Status::Cancelled;
        self.hold_expires_at = None;
        self.updated_at = now;
        Some(self.release(self.price.minor, "the booking failed"))
    }

    /// Takes note of how its payment ended, once however often that is reported. `time_is_free` says whether it may
    /// still take place then.
    pub(crate) fn settle(
        &mut self,
        payment_id: Uuid,
        outcome: Outcome,
        time_is_free: bool,
        now: Timestamp,
    ) -> Option<Release> {
        if self.paid_at.is_some() || self.price.is_free() {
            return None;
        }
        self.payment_id = Some(payment_id);
        let pending = self.status == Status::PendingPayment;
        if outcome == Outcome::Cancelled {
            if pending {
                self.status = Status::Lapsed;
                self.updated_at = now;
            }
            return None;
        }
        self.paid_at = Some(now);
        self.updated_at = now;
        let revivable = self.status == Status::Lapsed && self.time.starts_at > now;
        if time_is_free && (pending || revivable) {
            self.status = Status::Confirmed;
            self.hold_expires_at = None;
            return None;
        }
        self.refund_minor = Some(self.price.minor);
        // When it was cancelled before it was paid, everything was released already.
        if self.status == Status::Cancelled {
            return None;
        }
        self.status = Status::Lapsed;
        Some(self.release(self.price.minor, "the payment came too late"))
    }

    fn release(&self, refund_minor: i64, reason: &'static str) -> Release {
        Release { appointment_id: self.id, refund_minor, reason }
    }
}
