//! Who is let in, and what is answered to whoever is not: [`Caller`], [`Demand`] and [`Refusal`], for services of any
//! framework or none.
//!
//! `Caller<scope::Profile>` in a handler's signature lets nobody in without that scope. The way of a refusal: 401 without
//! detail (why is for the log), 403 naming the scope or the role that is missing, 503 when there are no keys to judge by;
//! as RFC 9457 problems with RFC 6750 §3 challenges.
//!
//! The features `actix` and `axum` make [`Caller`] an extractor, the feature `tower` brings a layer for everything that is a
//! `tower` service, gRPC included. Where next: `caller`, then `refusal`.

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
mod caller;
mod demand;
#[cfg(any(feature = "axum", feature = "tower"))]
mod http;
mod refusal;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "actix")]
pub use actix::Authentication;
pub use caller::Caller;
pub use demand::{AnyScope, Demand, Within, role};
pub use identity::{RequiredScope, Role, scope};
pub use refusal::Refusal;
#[cfg(feature = "tower")]
pub use tower::{AnswerBody, CallerLayer, CallerService, Serving};
