//! One payment and everything that can happen to it.
//!
//! Every method here is one transition, called under the payment's row lock. What a transition asks of the rest of
//! the world comes back as a value, so that storing it is one transaction with storing the payment. A declined
//! confirmation leaves the payment where it was, so that another card can be tried.

use identity::UserId;
use jiff::Timestamp;

use super::{AppointmentId, ChargeId, Failure, LastFour, Money, PaymentId, State, Verdict};

/// Money that a customer owes a provider for a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    /// Its name.
    pub(crate) id: PaymentId,
    /// What is paid for; no two payments are for the same.
    pub(crate) appointment_id: AppointmentId,
    /// Who pays.
    pub(crate) customer_id: UserId,
    /// Who is paid.
    pub(crate) provider_id: UserId,
    /// How much.
    pub(crate) amount: Money,
    /// What for, in words.
    pub(crate) description: String,
    /// Cannot be confirmed from then on.
    pub(crate) expires_at: Timestamp,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    pub(crate) updated_at: Timestamp,
    /// Where it stands.
    pub(crate) state: State,
    /// The last attempt to charge a card.
    pub(crate) charge: Option<ChargeId>,
    /// The card of that attempt.
    pub(crate) card: Option<LastFour>,
    /// How much has been given back, in minor units; never more than the amount.
    pub(crate) refunded_minor: i64,
}

/// Whether a confirmation has begun just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Yes: the payment is processing under this charge and must be stored.
    Now,
    /// This very charge had begun before.
    Before,
}

/// The payment is paid, being paid, over or expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotConfirmable {
    /// It does not wait for a card.
    #[error("its status is {0}")]
    Status(super::Status),
    /// Its time is over.
    #[error("it was to be paid before {0}")]
    Expired(Timestamp),
}

/// The money cannot be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotRefundable {
    /// It is not paid.
    #[error("its status is {0}")]
    Status(super::Status),
    /// Nothing is left of it.
    #[error("all of it has been given back")]
    Spent,
    /// Less is left of it.
    #[error("only {left} minor units are left to give back")]
    Exceeds {
        /// How much could be given back.
        left: i64,
    },
}

/// What has to be done about a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// Nothing beyond storing the payment.
    Nothing,
    /// Tell appointments-service that it is paid.
    ReportSucceeded,
    /// Tell appointments-service that it will not be paid.
    ReportCancelled,
    /// Money came for a booking that has ended: give these minor units back.
    GiveBack(i64),
}

/// What the end of a booking means for its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Released {
    /// Nothing was paid and nothing will be.
    Cancelled,
    /// A charge is under way; whatever it takes will be given back whole.
    Awaited,
    /// These minor units are to be given back.
    GiveBack(i64),
    /// There is nothing to do.
    Nothing,
}

impl Payment {
    /// Whether `user` pays it or is paid by it.
    #[must_use]
    pub(crate) fn concerns(&self, user: UserId) -> bool {
        self.customer_id == user || self.provider_id == user
    }

    /// How much could still be given back, in minor units.
    #[must_use]
    pub(crate) fn refundable(&self) -> i64 {
        if self.state == State::Succeeded { self.amount.minor() - self.refunded_minor } else { 0 }
    }

    /// When something has to be done about it although nobody asks.
    #[must_use]
    pub(crate) fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            State::RequiresConfirmation { .. } => Some(self.expires_at),
            State::Processing { check_at, .. } => Some(check_at),
            State::Succeeded | State::Failed(_) | State::Cancelled => None,
        }
    }

    /// Begins to charge `card` as `charge`. Only one charge can be under way.
    ///
    /// Should nobody report how it went, the processor is asked at `check_at`.
    pub(crate) fn begin(
        &mut self,
        charge: ChargeId,
        card: LastFour,
        now: Timestamp,
        check_at: Timestamp,
    ) -> Result<Begun, NotConfirmable> {
        if self.charge == Some(charge) {
            return Ok(Begun::Before);
        }
        if !matches!(self.state, State::RequiresConfirmation { .. }) {
            return Err(NotConfirmable::Status(self.state.status()));
        }
        if now >= self.expires_at {
            return Err(NotConfirmable::Expired(self.expires_at));
        }
        self.charge = Some(charge);
        self.card = Some(card);
        self.enter(State::Processing { check_at, released: false }, now);
        Ok(Begun::Now)
    }

    /// Takes note of what the processor says of `charge`; `None` when that is no news.
    pub(crate) fn learn(
        &mut self,
        charge: ChargeId,
        verdict: Verdict,
        now: Timestamp,
    ) -> Option<Consequence> {
        let State::Processing { released, .. } = self.state else { return None };
        if self.charge != Some(charge) {
            return None;
        }
        let (state, consequence) = match verdict {
            Verdict::Pending { until } => {
                (State::Processing { check_at: until, released }, Consequence::Nothing)
            }
            Verdict::Approved if released => {
                self.refunded_minor = self.amount.minor();
                (State::Succeeded, Consequence::GiveBack(self.amount.minor()))
            }
            Verdict::Approved => (State::Succeeded, Consequence::ReportSucceeded),
            Verdict::Declined(_) if released => (State::Cancelled, Consequence::Nothing),
            Verdict::Declined(failure) => {
                (State::RequiresConfirmation { declined: Some(failure) }, Consequence::Nothing)
            }
            Verdict::Failed(failure) if released => (State::Failed(failure), Consequence::Nothing),
            Verdict::Failed(failure) => (State::Failed(failure), Consequence::ReportCancelled),
        };
        self.enter(state, now);
        Some(consequence)
    }

    /// Ends it if its time is over; whether that is so.
    pub(crate) fn expire(&mut self, now: Timestamp) -> bool {
        let over = matches!(self.state, State::RequiresConfirmation { .. }) && now >= self.expires_at;
        if over {
            self.enter(State::Cancelled, now);
        }
        over
    }

    /// Ends it because its booking has ended, giving back `refund_minor` units, or what is left if that is less.
    ///
    /// A charge under way cannot be called back. It counts as not paid: the booking never came to be, so the policy
    /// behind `refund_minor` does not apply and everything is given back.
    pub(crate) fn release(&mut self, refund_minor: i64, now: Timestamp) -> Released {
        match self.state {
            State::RequiresConfirmation { .. } => {
                self.enter(State::Cancelled, now);
                Released::Cancelled
            }
            State::Processing { check_at, .. } => {
                self.enter(State::Processing { check_at, released: true }, now);
                Released::Awaited
            }
            State::Succeeded => match refund_minor.min(self.refundable()) {
                minor @ 1.. => self.give_back(minor, now),
                _ => Released::Nothing,
            },
            State::Failed(_) | State::Cancelled => Released::Nothing,
        }
    }

    /// Gives back `minor` units, or everything that is left; how much that is.
    pub(crate) fn refund(&mut self, minor: Option<i64>, now: Timestamp) -> Result<i64, NotRefundable> {
        if self.state != State::Succeeded {
            return Err(NotRefundable::Status(self.state.status()));
        }
        let left = self.refundable();
        let minor = minor.unwrap_or(left);
        if left == 0 {
            return Err(NotRefundable::Spent);
        }
        if !(1..=left).contains(&minor) {
            return Err(NotRefundable::Exceeds { left });
        }
        self.give_back(minor, now);
        Ok(minor)
    }

    /// Why the last attempt took no money.
    #[must_use]
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.state.failure()
    }

    fn give_back(&mut self, minor: i64, now: Timestamp) -> Released {
        self.refunded_minor += minor;
        self.updated_at = now;
        Released::GiveBack(minor)
    }

    fn enter(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.updated_at = now;
    }
}
