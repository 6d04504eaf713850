//! Payments for bookings.

pub mod domain;
