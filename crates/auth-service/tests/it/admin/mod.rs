//! What administrators do, and how the first of them comes to be.

mod audit;
mod claim;
mod clients;
mod disable;
mod endings;
mod keys;
mod roles;
mod users;
