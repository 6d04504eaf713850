//! Identifiers that cannot be mistaken for one another.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::{Clock, Entropy};

/// A UUID version 7 (RFC 9562 §5.7) made of the given time and randomness: sorts by creation, to the microsecond.
///
/// Unique, not secret: never use one as a credential.
#[must_use]
pub fn uuid_v7(clock: &dyn Clock, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let micros = u64::try_from(clock.now().as_microsecond()).unwrap_or_default();
    // What one request makes in one millisecond must keep its order in a list too: the twelve bits behind
    // the milliseconds hold their fraction (§6.2, method 3).
    let [_, _, _, _, _, _, high, low] = (micros % 1_000 * 4_096 / 1_000).to_be_bytes();
    random[0] = high;
    random[1] = low;
    Builder::from_unix_timestamp_millis(micros / 1_000, &random).into_uuid()
}

/// Declares a UUID newtype: `id!(/** what it names */ Name)`. Services use it for ids of their own.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = ::uuid::Uuid)]
        pub struct $name(pub ::uuid::Uuid);

        impl $name {
            /// A new id (UUID version 7, RFC 9562).
            #[must_use]
            pub fn generate(clock: &dyn $crate::Clock, entropy: &dyn $crate::Entropy) -> Self {
                Self($crate::uuid_v7(clock, entropy))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                ::uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl From<$name> for ::uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// A user, the `sub` of an access token.
    UserId
);
id!(
    /// A login session, the `sid` of an access token.
    SessionId
);

/// The `jti` of a token: 128 random bits as 22 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub CompactString);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{SystemClock, SystemEntropy};

    #[test]
    fn an_id_survives_its_text_form() {
        let id = UserId::generate(&SystemClock, &SystemEntropy);
        assert_eq!(id.to_string().parse::<UserId>().unwrap(), id);
        assert_eq!(id.0.get_version_num(), 7);
    }

    #[test]
    fn ids_of_one_instant_differ() {
        assert_ne!(uuid_v7(&SystemClock, &SystemEntropy), uuid_v7(&SystemClock, &SystemEntropy));
    }

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_microsecond(self.0).unwrap()
        }
    }

    #[test]
    fn ids_sort_by_the_microsecond_they_were_made_in() {
        let micros = 1_800_000_000_000_000..1_800_000_000_002_100;
        let ids: Vec<Uuid> = micros.map(|at| uuid_v7(&At(at), &SystemEntropy)).collect();
        assert!(ids.is_sorted(), "an id that was made later sorts before an earlier one");
    }
}
