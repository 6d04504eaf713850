//! Password hashing: Argon2id on a small pool of its own, so that logins can neither starve the rest of the
//! service nor pile up without end.
//!
//! Where next: [`phc`] is one hash, [`pool`] says who is hashed when, [`lane`] are the threads that do it; what makes
//! a good password is `domain::password`.

mod lane;
mod phc;
mod pool;

pub use phc::HashError;
pub(crate) use phc::Parameters;
pub use pool::Overloaded;
pub(crate) use pool::{PasswordHasher, PoolSize, Verdict};
