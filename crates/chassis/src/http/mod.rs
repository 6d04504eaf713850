//! The HTTP side of a service: one way to bind, observe, document and end it.
//!
//! A service hands over its [`Routes`]; everything around them is the same everywhere. The way of a request:
//! `observe` (span, metrics, `X-Served-By`) → the route's extractors (`extract`, `caller`) → the
//! handler → a response or a `Problem`. Where next: `app`.

mod app;
mod body;
mod client_address;
mod document;
mod extract;
mod fallback;
mod mount;
mod observe;
mod operations;
mod server;
mod settings;

pub use crate::trace::current_id as current_trace_id;
pub use app::{Routes, openapi};
pub use body::Body;
pub use client_address::{ClientAddress, TrustedProxies};
pub use mount::{Mount, ServiceConfig};
pub use server::{Description, HttpServer};
pub use settings::HttpSettings;
