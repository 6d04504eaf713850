//! Users as they describe themselves: display name, phone, time zone, language.
//!
//! Who somebody is, the access token says; a profile only adds what they want to be known by, and is made the
//! first time somebody asks for theirs. Where next: [`Service`], which is the wiring, then `routes`, then a handler.

mod domain;
mod handlers;
mod routes;
mod service;
mod settings;
mod store;

pub use service::Service;
pub use settings::Settings;
