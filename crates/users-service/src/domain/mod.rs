//! What a profile is and what it may say. Pure: no HTTP, no SQL, no clock.
//!
//! Each value is a type of its own that is `parse`d once, when it comes in. What is `stored` was parsed then; it
//! stays readable when the rules grow stricter or a time zone is renamed.

mod change;
mod display_name;
mod locale;
mod phone;
mod profile;
mod time_zone_name;

pub(crate) use change::Change;
pub(crate) use display_name::DisplayName;
pub(crate) use locale::Locale;
pub(crate) use phone::Phone;
pub(crate) use profile::{Profile, ProfileChanges};
pub(crate) use time_zone_name::TimeZoneName;

/// The text is not acceptable, and this is what would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unacceptable(&'static str);

/// Declares a text that follows rules; its `parse`, which knows them, is written by hand.
macro_rules! ruled_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(String);

        impl $name {
            /// What was parsed before it was stored.
            pub(crate) fn stored(text: String) -> Self {
                Self(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}
use ruled_text;
