//! The auth service from the outside, one file per operation; what belongs to none of them has a file of its own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod admin;
mod app;
mod change_password;
mod client_tokens;
mod elsewhere;
mod hearing;
mod limits;
mod liveness;
mod login;
mod login_timing;
mod logout;
mod metrics;
mod oauth;
mod overload;
mod refresh;
mod refresh_cookie;
mod refresh_races;
mod refusals;
mod register;
mod revocations;
mod sessions;
mod shared_limits;
mod start;
mod subscribers;
mod well_known;
