//! Values that the rules do not allow.

/// Says what is wrong with a value, and what would be right, to whoever gave it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub(crate) String);

impl Invalid {
    /// An explanation that names the value.
    pub(crate) fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}
