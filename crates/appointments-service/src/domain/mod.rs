//! The rules, knowing neither HTTP nor SQL. Whatever depends on the time is given it.
//!
//! A provider's [`OpeningHours`] in a [`Zone`] make a [`Schedule`]; an [`Offering`] cuts it into slots; a slot that
//! is taken becomes an [`Appointment`]. Where next: `schedule` for what is offered, `appointment` for what may
//! become of it.

mod appointment;
mod cancellation;
mod ids;
mod invalid;
mod name;
mod offering;
mod opening_hours;
mod price;
mod provider;
mod refusal;
mod schedule;
mod span;
mod status;
mod window;
mod zone;

#[cfg(test)]
mod appointment_tests;
#[cfg(test)]
mod schedule_tests;

pub(crate) use appointment::{Appointment, Outcome, Party, Release};
pub(crate) use cancellation::{CancellationPolicy, CancellationTerms};
pub(crate) use ids::{AppointmentId, OfferingId};
pub(crate) use invalid::Invalid;
pub(crate) use name::Name;
pub(crate) use offering::{Offering, Terms};
pub(crate) use opening_hours::{Interval, OpeningHours, Week};
pub(crate) use price::Price;
pub(crate) use provider::Provider;
pub(crate) use refusal::Refusal;
pub(crate) use schedule::{Schedule, free};
pub(crate) use span::Span;
pub(crate) use status::Status;
pub(crate) use window::window;
pub(crate) use zone::Zone;
