//! One operation a file: what it takes, what it answers, what it does.

mod appointment_body;
mod offering_body;
mod provider_body;

pub(crate) mod book;
pub(crate) mod cancel;
pub(crate) mod create_offering;
pub(crate) mod list_appointments;
pub(crate) mod list_offerings;
pub(crate) mod list_own_offerings;
pub(crate) mod list_providers;
pub(crate) mod list_slots;
pub(crate) mod put_me;
pub(crate) mod put_opening_hours;
pub(crate) mod read_appointment;
pub(crate) mod read_provider;
pub(crate) mod reschedule;
pub(crate) mod update_offering;
pub(crate) mod withdraw_offering;

pub(crate) use appointment_body::AppointmentBody;
pub(crate) use offering_body::{OfferingBody, TermsBody};
pub(crate) use provider_body::ProviderBody;
