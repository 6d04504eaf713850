//! The payments service from the outside, one file per operation, with a stand-in for appointments-service.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod app;
mod appointments;
mod books;
mod confirm_payment;
mod create_intent;
mod feed;
mod idempotency;
mod list_payments;
mod lost_answers;
mod outcomes;
mod read_payment;
mod refund_payment;
mod refusals;
mod release;
mod secrets;
