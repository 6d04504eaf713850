//! What anybody may know of this issuer.

mod jwks;
mod metadata;
