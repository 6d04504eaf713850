//! What was revoked before its time, in memory: asked on every request, without a lock, an allocation or a look-up
//! elsewhere. Where next: `view`, which is asked; `changes`, which spares it most questions; `mark`, by what things are
//! found; `recent` and `map`, where they lie; `standing`, how well they are known.

/// `tests/changes.rs` gives `changes` others, which try every order of what threads do.
mod atomic {
    pub(super) use std::sync::atomic::{AtomicU64, Ordering};
}

mod changes;
mod map;
mod mark;
mod recent;
mod standing;
mod view;

use identity::{SessionId, TokenId, UserId};

pub(crate) use changes::Clear;
pub(crate) use mark::{Marker, Marks};
pub(crate) use standing::{SILENCE, Standing};
pub(crate) use view::View;

/// Something the issuer has revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What is refused from now on.
    pub what: Revoked,
    /// When every token that it could concern has expired by itself, in seconds since 1970 (RFC 7519 §2, `NumericDate`).
    /// It is forgotten some time after that, never before.
    pub forget_at: i64,
}

/// Which tokens are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// All of this session (`sid`).
    Session(SessionId),
    /// All of this subject whose `ver` is less.
    Subject {
        /// Whose.
        subject: UserId,
        /// The least `ver` that is still accepted.
        least_version: u32,
    },
    /// The one token of this name (`jti`).
    Token(TokenId),
    /// All that this client software was given (`client_id`).
    Client(String),
    /// All that were signed with the key of this name (`kid`).
    Key(String),
}

/// Why revocations were not taken. None of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevokeError {
    /// The verifier does not trust this issuer.
    #[error("the issuer is not trusted here")]
    UnknownIssuer,
    /// There would be more than [`Limits::revocations`](crate::Limits::revocations).
    #[error("more revocations than can be kept")]
    TooMany,
}
