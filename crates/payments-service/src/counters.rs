//! Payments and refunds in numbers.

use chassis::metrics::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};

use crate::domain::{Failure, Verdict};

/// How a payment or an attempt to pay went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Paid.
    Succeeded,
    /// No money was taken.
    Refused(Failure),
    /// Not paid in time.
    Expired,
    /// Not wanted any more.
    Released,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The service's own metrics. Clones share them.
#[derive(Clone)]
pub(crate) struct Counters {
    payments: Family<Outcome, Counter>,
    refunds: Counter,
}

impl Counters {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let own = Self { payments: Family::default(), refunds: Counter::default() };
        metrics.register(|registry| {
            registry.register("payments", "Payments and attempts to pay, by outcome", own.payments.clone());
            registry.register("refunds", "Refunds that the processor has made", own.refunds.clone());
        });
        own
    }

    /// Something became known of a charge.
    pub(crate) fn learnt(&self, verdict: Verdict) {
        match verdict {
            Verdict::Approved => self.ended(Ending::Succeeded),
            Verdict::Declined(failure) | Verdict::Failed(failure) => self.ended(Ending::Refused(failure)),
            Verdict::Pending { .. } => {}
        }
    }

    /// A payment or an attempt to pay is over.
    pub(crate) fn ended(&self, ending: Ending) {
        let outcome = match ending {
            Ending::Succeeded => "succeeded",
            Ending::Refused(failure) => failure.as_str(),
            Ending::Expired => "expired",
            Ending::Released => "released",
        };
        self.payments.get_or_create(&Outcome { outcome }).inc();
    }

    /// The processor has given money back.
    pub(crate) fn refunded(&self) {
        self.refunds.inc();
    }
}
