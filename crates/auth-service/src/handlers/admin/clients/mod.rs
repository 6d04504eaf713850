//! What administrators do with software that acts for itself.

pub(crate) mod disable;
pub(crate) mod enable;
pub(crate) mod list;
pub(crate) mod new_secret;
pub(crate) mod register;
pub(crate) mod remove;

use chassis::problem::{Answer, Problem, codes};

use crate::domain::registered_client::ClientId;

/// The client that a path names. What can be no client's name is nobody's.
fn named(path: &str) -> Answer<ClientId> {
    path.parse().map_err(|_| nobody())
}

fn nobody() -> Problem {
    Problem::new(&codes::NOT_FOUND)
}
