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

pub use card::{CardNumber, InvalidCard, LastFour};
pub use money::{Currency, InvalidMoney, Money};
pub use payment::{Begun, Consequence, NotConfirmable, NotRefundable, Payment, Released};
pub use state::{State, Status};
pub use verdict::{Failure, Verdict};

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
