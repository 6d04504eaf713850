//! Providers, their opening hours and offerings, and appointments that nobody can take twice.
//!
//! `domain` holds the rules: what is open, what is offered, what may become of an appointment. `calendar` carries
//! them out, one transaction each, with the provider's row locked. People come in through `handlers`,
//! payments-service through `rpc`, and time passes in `sweeper`; `payments` and `releases` are what goes out. Where
//! next: [`Service`], which is the wiring, then `routes`, then a handler.

mod calendar;
mod domain;
mod handlers;
mod metrics;
mod payments;
mod problems;
mod releases;
mod routes;
mod rpc;
mod service;
mod settings;
mod store;
mod sweeper;

pub use problems::ALL as PROBLEMS;
pub use service::Service;
pub use settings::{PaymentsSettings, Settings};
