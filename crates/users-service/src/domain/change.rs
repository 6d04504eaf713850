//! What a JSON merge patch (RFC 7396) can say about one member.

use serde::{Deserialize, Deserializer};

/// Left out, null, or a value. Fields of this type need `#[serde(default)]`, which is how `Keep` comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Change<T> {
    /// Left out: it stays as it is.
    #[default]
    Keep,
    /// Null: it goes.
    Clear,
    /// A value: it becomes this.
    Set(T),
}

impl<T> Change<T> {
    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The same change, of a parsed value.
    pub(crate) fn parse<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(parse(value)?),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}
