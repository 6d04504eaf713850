//! The chassis as a service uses it: a small service of one noun, called over HTTP; both database engines.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod client;
mod database;
mod ending;
mod key_sets;
mod outage;
mod outbox;
mod sample;
mod serving;
mod telemetry;
