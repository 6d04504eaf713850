//! How fetching a key set can fail.

use super::SetFault;

/// Why a fetch brought no key set. The one in use stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FetchFailure {
    /// No connection, or one that broke.
    #[error("the issuer cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("the issuer took too long to answer")]
    TimedOut,
    /// The issuer sent elsewhere. Redirects are not followed.
    #[error("the issuer answered with a redirect")]
    Redirected,
    /// Neither 200 nor a redirect, or 304 without having been asked for it.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// What came is not a key set that can be used.
    #[error("the key set was refused: {0}")]
    Refused(#[from] SetFault),
    /// The background task was dropped meanwhile.
    #[error("the fetch was interrupted")]
    Interrupted,
}
