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
pub(crate) struct Bookings(Family<Label, Counter>);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    outcome: &'static str,
}

impl Bookings {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let family = Family::default();
        let help = "Bookings by what became of them";
        metrics.register(|registry| registry.register("bookings", help, family.clone()));
        Self(family)
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
        self.0.get_or_create(&Label { outcome }).inc();
    }
}
