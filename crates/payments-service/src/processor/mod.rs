//! Whoever moves the money: asked to charge cards and to give back, by name of the charge or refund.
//!
//! Every question carries an id, and nothing happens twice under one id: so whoever got no answer just asks again.
//! Where next: [`sandbox`], the processor that moves none.

mod sandbox;

use std::error::Error;

use futures_util::future::BoxFuture;

use crate::domain::{CardNumber, ChargeId, Money, RefundId, Verdict};

pub(crate) use sandbox::Sandbox;

/// A company that charges cards.
pub(crate) trait Processor: Send + Sync {
    /// Whether it could charge such a card at all. Asked before anything else happens.
    fn accepts(&self, card: &CardNumber) -> bool;

    /// Takes `amount` from `card`, unless `charge` has been asked for before; how that charge stands.
    fn charge<'a>(
        &'a self,
        charge: ChargeId,
        amount: Money,
        card: &'a CardNumber,
    ) -> BoxFuture<'a, Result<Verdict, Unreachable>>;

    /// How a charge stands. One that was never asked for is lost from now on, should it still arrive.
    fn inquire(&self, charge: ChargeId) -> BoxFuture<'_, Result<Verdict, Unreachable>>;

    /// Gives back `minor` units of what `charge` took, unless `refund` has been asked for before.
    fn give_back(
        &self,
        refund: RefundId,
        charge: ChargeId,
        minor: i64,
    ) -> BoxFuture<'_, Result<(), Unreachable>>;
}

/// No answer came. What was asked for may have happened all the same.
#[derive(Debug, thiserror::Error)]
#[error("the processor does not answer")]
pub(crate) struct Unreachable(#[source] pub(crate) Box<dyn Error + Send + Sync>);
