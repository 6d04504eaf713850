//! The verifier from outside: one file per promise. `support` holds the world the tests live in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod access;
mod actix;
mod algorithms;
mod attacks;
mod axum;
mod cache;
mod feed;
mod http;
mod inspect;
mod issuers;
mod journal;
mod key_sets;
mod logs;
mod outage;
mod public_key;
mod readme;
mod refresh;
mod snapshot;
mod support;
mod tokens;
mod tonic;
mod tower;
mod unknown_keys;
