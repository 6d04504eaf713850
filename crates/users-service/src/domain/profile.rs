//! A profile, and a change of one.

use identity::UserId;
use jiff::Timestamp;

use super::{Change, DisplayName, Locale, Phone, TimeZoneName};

/// What a user tells of themselves; all of it may be left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) user_id: UserId,
    pub(crate) display_name: Option<DisplayName>,
    pub(crate) phone: Option<Phone>,
    pub(crate) time_zone: Option<TimeZoneName>,
    pub(crate) locale: Option<Locale>,
    /// When the user was first seen.
    pub(crate) created_at: Timestamp,
    /// When something was last changed.
    pub(crate) updated_at: Timestamp,
}

/// A change of some parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProfileChanges {
    pub(crate) display_name: Change<DisplayName>,
    pub(crate) phone: Change<Phone>,
    pub(crate) time_zone: Change<TimeZoneName>,
    pub(crate) locale: Change<Locale>,
}

impl ProfileChanges {
    /// Whether everything stays as it is.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { display_name, phone, time_zone, locale } = self;
        display_name.is_keep() && phone.is_keep() && time_zone.is_keep() && locale.is_keep()
    }
}
