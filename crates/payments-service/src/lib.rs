//! Payments for bookings: made once, charged once, given back at most once.
//!
//! appointments-service asks for a payment over gRPC (`rpc`), the customer pays it over HTTP (`handlers`), and how
//! it ended goes back by the outbox (`outgoing`). Where next: [`Service`], which is the wiring; `domain` for what can
//! happen to a payment; `cashier` for how that is made to last; `idempotency` for requests that come twice.

mod cashier;
mod counters;
mod domain;
mod handlers;
mod idempotency;
mod outgoing;
mod problems;
mod processor;
mod routes;
mod rpc;
mod service;
mod settings;
mod store;
mod worker;

pub use idempotency::FingerprintKey;
pub use problems::ALL as PROBLEMS;
pub use service::Service;
pub use settings::Settings;
