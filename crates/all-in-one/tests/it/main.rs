//! Signet as its users meet it: as processes, over HTTP, from the first login to the last Ctrl-C.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod commands;
mod dashboards;
mod demo;
mod deployment;
mod ending;
mod journey;
mod people;
mod process;
mod programs;
mod proof;
mod refresh_storm;
mod replicas;
mod restart;
mod revocation;
mod secrets;
mod signet;
mod traces;
