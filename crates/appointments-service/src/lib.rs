//! Providers, their opening hours and offerings, and appointments that nobody can take twice.
//!
//! `domain` holds the rules: what is open, what is offered, what may become of an appointment. `calendar` carries
//! them out, one transaction each, with the provider's row locked. `handlers`, `rpc` and `sweeper` are its callers.

mod domain;
