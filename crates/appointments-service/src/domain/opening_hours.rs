//! When a provider is open, week after week, by the clock on its wall.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Invalid;

/// How often one may open in a day.
const MAX_INTERVALS: usize = 24;
/// Minutes in a day on the wall.
const DAY: u32 = 24 * 60;

/// Opening hours as people write them. Days left out are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Week {
    pub(crate) monday: Vec<Hours>,
    pub(crate) tuesday: Vec<Hours>,
    pub(crate) wednesday: Vec<Hours>,
    pub(crate) thursday: Vec<Hours>,
    pub(crate) friday: Vec<Hours>,
    pub(crate) saturday: Vec<Hours>,
    pub(crate) sunday: Vec<Hours>,
}

/// Open from one time of the day until another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hours {
    /// `HH:MM`
    #[schema(example = "09:00")]
    pub(crate) from: String,
    /// `HH:MM`, up to `24:00`; later than `from`.
    #[schema(example = "17:30")]
    pub(crate) until: String,
}

/// Open from one minute of the day, counted on the wall from midnight, until just before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// The first minute within, 0 to 1439.
    pub(crate) from: u32,
    /// The first minute after, 1 to 1440.
    pub(crate) until: u32,
}

/// Opening hours in order: within a day no interval touches a minute of another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OpeningHours(Vec<(Weekday, Interval)>);

impl OpeningHours {
    /// Opening hours out of what a provider writes, in any order within a day.
    pub(crate) fn parse(week: &Week) -> Result<Self, Invalid> {
        let mut all = Vec::new();
        for (weekday, hours) in week.days() {
            all.extend(parse_day(hours)?.into_iter().map(|interval| (weekday, interval)));
        }
        Ok(Self(all))
    }

    /// When it is open on `weekday`, in order.
    pub(crate) fn on(&self, weekday: Weekday) -> impl Iterator<Item = Interval> + '_ {
        self.0.iter().filter(move |(day, _)| *day == weekday).map(|(_, interval)| *interval)
    }

    /// The hours as they are written.
    pub(crate) fn to_week(&self) -> Week {
        let day = |weekday| self.on(weekday).map(Hours::from).collect();
        Week {
            monday: day(Weekday::Monday),
            tuesday: day(Weekday::Tuesday),
            wednesday: day(Weekday::Wednesday),
            thursday: day(Weekday::Thursday),
            friday: day(Weekday::Friday),
            saturday: day(Weekday::Saturday),
            sunday: day(Weekday::Sunday),
        }
    }
}

impl Week {
    fn days(&self) -> [(Weekday, &[Hours]); 7] {
        [
            (Weekday::Monday, &self.monday),
            (Weekday::Tuesday, &self.tuesday),
            (Weekday::Wednesday, &self.wednesday),
            (Weekday::Thursday, &self.thursday),
            (Weekday::Friday, &self.friday),
            (Weekday::Saturday, &self.saturday),
            (Weekday::Sunday, &self.sunday),
        ]
    }
}

impl From<Interval> for Hours {
    fn from(interval: Interval) -> Self {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        Self { from: clock(interval.from), until: clock(interval.until) }
    }
}

fn parse_day(hours: &[Hours]) -> Result<Vec<Interval>, Invalid> {
    if hours.len() > MAX_INTERVALS {
        return Err(Invalid::new(format!("a day has at most {MAX_INTERVALS} intervals")));
    }
    let mut intervals = hours.iter().map(parse_interval).collect::<Result<Vec<_>, _>>()?;
    intervals.sort_unstable_by_key(|interval| interval.from);
    let apart = |pair: &[Interval]| matches!(pair, [first, second] if first.until <= second.from);
    if !intervals.windows(2).all(apart) {
        return Err(Invalid::new("the intervals of a day must not overlap"));
    }
    Ok(intervals)
}

fn parse_interval(hours: &Hours) -> Result<Interval, Invalid> {
    let (from, until) = (parse_minute(&hours.from)?, parse_minute(&hours.until)?);
    if from >= until {
        return Err(Invalid::new(format!("{:?} is not before {:?}", hours.from, hours.until)));
    }
    Ok(Interval { from, until })
}

/// The minute of the day that `HH:MM` stands for.
fn parse_minute(text: &str) -> Result<u32, Invalid> {
    let two_digits = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse::<u32>().ok() } else { None }
    };
    let minute = text.split_once(':').and_then(|(hours, minutes)| {
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        (minutes < 60 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
    });
    minute.ok_or_else(|| Invalid::new(format!("{text:?} must be a time of the day from 00:00 to 24:00")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monday(hours: &[(&str, &str)]) -> Week {
        let hours = hours.iter().map(|(from, until)| Hours { from: (*from).into(), until: (*until).into() });
        Week { monday: hours.collect(), ..Week::default() }
    }

    #[test]
    fn hours_are_put_in_order_and_survive_their_written_form() {
        let hours = OpeningHours::parse(&monday(&[("13:00", "24:00"), ("09:05", "13:00")])).unwrap();
        let week = hours.to_week();
        assert_eq!(week, monday(&[("09:05", "13:00"), ("13:00", "24:00")]));
        assert_eq!(OpeningHours::parse(&week).unwrap(), hours);
        assert_eq!(hours.on(Weekday::Monday).next(), Some(Interval { from: 545, until: 780 }));
        assert_eq!(hours.on(Weekday::Tuesday).next(), None);
    }

    #[test]
    fn hours_that_make_no_sense_are_refused() {
        for wrong in [
            &[("09:00", "09:00")][..],
            &[("10:00", "09:00")],
            &[("09:00", "12:00"), ("11:59", "13:00")],
            &[("09:00", "24:01")],
            &[("09:60", "10:00")],
            &[("9:00", "10:00")],
            &[("+9:00", "10:00")],
            &[("", "10:00")],
            &[("09:00:00", "10:00")],
        ] {
            assert!(OpeningHours::parse(&monday(wrong)).is_err(), "{wrong:?}");
        }
        assert!(OpeningHours::parse(&monday(&[("00:00", "00:01"); 25])).is_err());
    }
}
