//! How bookings end, counted.

use chassis::{
    metrics::Metrics,
    problem::{Answer, codes},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};

use crate::{
    domain::{Appointment, Status},
    problems::SLOT_TAKEN,
};

/// Bookings by what became of them. Clones count together.
#[derive(Clone)]
pub(crate) struct Bookings {
    outcomes: Family<Label, Counter>,
    lapsed: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    outcome: &'static str,
}

impl Bookings {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let own = Self { outcomes: Family::default(), lapsed: Counter::default() };
        metrics.register(|registry| {
            registry.register("bookings", "Bookings by what became of them", own.outcomes.clone());
            let help = "Holds that ended unpaid before anybody else wanted their time";
            registry.register("holds_lapsed", help, own.lapsed.clone());
        });
        own
    }

    /// Counts a booking. There are five outcomes.
    pub(crate) fn count(&self, booked: &Answer<Appointment>) {
        let outcome = match booked {
            Ok(appointment) if appointment.status == Status::Confirmed => "confirmed",
            Ok(_) => "held",
            Err(problem) if *problem.code() == SLOT_TAKEN => "taken",
            Err(problem) if *problem.code() == codes::UNAVAILABLE => "unavailable",
            Err(_) => "refused",
        };
        self.outcomes.get_or_create(&Label { outcome }).inc();
    }

    /// Counts holds whose time is over.
    pub(crate) fn lapsed(&self, holds: u64) {
        self.lapsed.inc_by(holds);
    }
}
