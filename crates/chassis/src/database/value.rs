//! What a statement can be given.

use jiff::Timestamp;
use uuid::Uuid;

/// A parameter, or the absence of one with the type it would have had.
#[derive(Debug, Clone)]
pub enum Value {
    /// `boolean` / `INTEGER`.
    Bool(Option<bool>),
    /// `bigint` / `INTEGER`.
    Integer(Option<i64>),
    /// `text` / `TEXT`.
    Text(Option<String>),
    /// `bytea` / `BLOB`.
    Bytes(Option<Vec<u8>>),
    /// `uuid` / `BLOB` of 16 bytes.
    Uuid(Option<Uuid>),
    /// `timestamptz` / `INTEGER` of microseconds since 1970-01-01 UTC.
    Time(Option<Timestamp>),
}

macro_rules! from {
    ($($type:ty => $variant:ident, |$value:ident| $convert:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Self::$variant(Some($convert))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(|$value| $convert))
            }
        }
    )*};
}

from! {
    bool => Bool, |value| value;
    i64 => Integer, |value| value;
    u32 => Integer, |value| i64::from(value);
    String => Text, |value| value;
    &str => Text, |value| value.to_owned();
    Vec<u8> => Bytes, |value| value;
    Uuid => Uuid, |value| value;
    Timestamp => Time, |value| value;
}
