//! What the tests of a service need that verifies tokens (feature `testing`; never in production).
//!
//! [`Issuer`] holds a key made on the spot and mints tokens, good ones through [`Issuer::token`] and bad ones through
//! [`Issuer::forge`]. [`Issuer::attacks`] is all that is known to be tried on a verifier, to be thrown at a service of
//! one's own. [`Script`] is a key endpoint whose answers are scripted, reached in memory
//! ([`Builder::script`](crate::Builder::script)) or over TCP ([`JwksServer`]). [`TestClock`] stands still until it is
//! moved, [`TokioClock`] follows tokio's time, which tests may pause.
//!
//! Everything here panics rather than returns an error: a test that cannot be set up has failed.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! use std::sync::Arc;
//! use verifier::{Verifier, testing::{Forgery, Issuer, Script, TestClock}};
//!
//! let clock = Arc::new(TestClock::default());
//! let issuer = Issuer::new("https://auth.example", clock.clone());
//! let verifier = Verifier::builder(issuer.trust("users"))
//!     .clock(clock)
//!     .script(Script::new(issuer.answer()))
//!     .build()
//!     .unwrap();
//! let refresh = verifier.clone();
//! tokio::spawn(async move { refresh.run().await });
//!
//! assert!(verifier.verify(&issuer.token().mint()).await.is_ok());
//! for forgery in Forgery::ALL {
//!     let refused = verifier.verify(&issuer.forge(forgery)).await.unwrap_err();
//!     assert_eq!(refused.reason(), forgery.reason());
//! }
//! for attack in issuer.attacks("users") {
//!     let verdict = verifier.authenticate(attack.authorization.iter().map(Vec::as_slice)).await;
//!     assert_eq!(verdict.err().map(|refused| refused.reason()), attack.reason, "{attack}");
//! }
//! # }
//! ```
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up has failed"
)]

mod attack;
mod clock;
mod forgery;
mod issuer;
mod key;
mod script;
mod server;
mod token;

pub use attack::{Attack, KeySetAttack, OverHttp};
pub use clock::{TestClock, TokioClock};
pub use forgery::Forgery;
pub use issuer::{Issuer, PublishedKeys};
pub use script::{Answer, Script};
pub use server::JwksServer;
pub use token::{HmacSecret, TokenBuilder};
