//! The verifier from outside: one file per promise. `support` holds the world the tests live in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod attacks;
mod cache;
mod http;
mod key_sets;
mod outage;
mod refresh;
mod support;
mod tokens;
mod unknown_keys;
