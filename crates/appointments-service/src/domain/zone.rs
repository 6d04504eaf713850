//! Between wall clocks and instants, on the days when clocks are set forward or back too.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

use super::Invalid;

/// A time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone called `name`, such as `Europe/Berlin`, in any case. Taken from the database in this program: were
    /// it the machine's, two replicas could offer different slots.
    pub(crate) fn parse(name: &str) -> Result<Self, Invalid> {
        let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown());
        let zone = zone.filter(|zone| zone.iana_name().is_some()).map(Self);
        zone.ok_or_else(|| Invalid::new("`time_zone` must be an IANA time zone such as Europe/Berlin"))
    }

    /// Its name as the database spells it.
    pub(crate) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What wall clocks show at `instant`.
    pub(crate) fn wall(&self, instant: Timestamp) -> DateTime {
        self.0.to_datetime(instant)
    }

    /// The first instant of `date`.
    pub(crate) fn start_of(&self, date: Date) -> Option<Timestamp> {
        date.to_zoned(self.0.clone()).ok().map(|start| start.timestamp())
    }

    /// The instant that wall clocks show `days` days after `instant`, at the same time of the day.
    pub(crate) fn days_after(&self, instant: Timestamp, days: i64) -> Option<Timestamp> {
        let then = instant.to_zoned(self.0.clone()).checked_add(days.days());
        then.ok().map(|then| then.timestamp())
    }

    /// When wall clocks first show `wall`: never, where they are set forward over it; the first of two times, where
    /// they are set back before it.
    ///
    /// Of two wall times that are shown the later is shown later: whatever does not overlap on the wall does not
    /// overlap in time.
    pub(crate) fn first_showing(&self, wall: DateTime) -> Option<Timestamp> {
        let offset = match self.0.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { .. } => return None,
            AmbiguousOffset::Fold { before, .. } => before,
        };
        offset.to_timestamp(wall).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_proper_names() {
        assert_eq!(Zone::parse("europe/berlin").unwrap().name(), "Europe/Berlin");
        for wrong in ["", "Berlin", "+02:00", "CET-1CEST,M3.5.0,M10.5.0/3", "../etc/passwd", "Etc/Unknown"] {
            assert!(Zone::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_skipped_time_is_never_shown_and_a_repeated_one_first() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let showing =
            |text: &str| berlin.first_showing(text.parse().unwrap()).map(|instant| instant.to_string());
        assert_eq!(showing("2030-03-31T02:30"), None);
        assert_eq!(showing("2030-10-27T02:30").as_deref(), Some("2030-10-27T00:30:00Z"));
        assert_eq!(showing("2030-07-01T12:00").as_deref(), Some("2030-07-01T10:00:00Z"));
    }
}
