//! For tests only: what it takes to look at a service from the outside, as its callers do.
//!
//! A test is given a [`TestDatabase`] per engine ([`each_engine!`]), starts a throwaway [`Issuer`], builds the
//! service with both, keeps it [`Running`], and speaks to it through a [`Client`] as one [`Person`] or another.
//! [`refusals::check`] then sends every operation of the service what it must refuse.
//!
//! Everything here panics rather than returns an error: a test that cannot be set up has failed.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]
#![allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "what checks is often called for nothing else"
)]

mod collector;
pub mod database;
pub mod http;
mod issuer;
pub mod proxy;
mod redis;
pub mod refusals;
mod running;
mod token_endpoint;

pub use collector::{Collector, ReceivedSpan};
pub use database::TestDatabase;
pub use http::Client;
pub use issuer::{Issuer, Person};
pub use redis::TestRedis;
pub use running::Running;
pub use token_endpoint::{Asked, Granting};
pub use verifier::testing::TestClock;
