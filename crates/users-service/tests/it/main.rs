//! The users service from the outside, one file per operation.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod app;
mod attacks;
mod list_users;
mod outage;
mod read_me;
mod read_user;
mod refusals;
mod settings;
mod update_me;
