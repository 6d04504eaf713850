//! The appointments service from the outside, one file per operation; payments-service is played by `payments`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod app;
mod payments;

mod book;
mod cancel;
mod daylight_saving;
mod lapse;
mod list_appointments;
mod list_slots;
mod offerings;
mod opening_hours;
mod outage;
mod payment_outcomes;
mod privileges;
mod providers;
mod race;
mod read_appointment;
mod refusals;
mod replicas;
mod reschedule;
mod settings;
