//! Signing: the only place in the system that ever holds a private key. Private to this crate, so nothing else
//! can be linked against an issuer.
//!
//! [`keyring::Keyring`] is the door: it signs access tokens with the active key and hands out the published
//! set. Behind it [`key`] makes and opens RSA keys, [`vault`] seals them for the database, [`token`] writes
//! tokens, [`jwks`] writes the key set, [`public`] exports one key of it. `rsa` only makes and exports keys;
//! every signature is aws-lc-rs (RUSTSEC-2023-0071).

pub(crate) mod jwks;
pub(crate) mod key;
pub(crate) mod keyring;
#[cfg(test)]
mod measurement;
pub(crate) mod public;
pub(crate) mod token;
pub(crate) mod vault;
