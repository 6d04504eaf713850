//! The rules of paying, without HTTP, SQL or a clock of their own.
//!
//! A [`Payment`] of some [`Money`] is charged to a [`CardNumber`]; what the card's bank says is a [`Verdict`].
//! Where next: `payment`, the state machine.

mod card;
mod money;
mod payment;
#[cfg(test)]
mod payment_tests;
mod state;
mod verdict;

use identity::id;

pub(crate) use card::{CardNumber, LastFour};
pub(crate) use money::Money;
pub(crate) use payment::{Begun, Consequence, NotRefundable, Payment, Released};
pub(crate) use state::{State, Status};
pub(crate) use verdict::{Failure, Verdict};

id!(
    /// A payment.
    PaymentId
);
id!(
    /// The booking that is paid for; appointments-service names it.
    AppointmentId
);
id!(
    /// One attempt to charge a card. The processor does nothing twice under one of these.
    ChargeId
);
id!(
    /// One giving back of money. The processor does nothing twice under one of these.
    RefundId
);
