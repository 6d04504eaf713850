//! From when until when slots are asked for.

use jiff::{Timestamp, civil::Date};

use super::{Invalid, Span, Zone};

/// The longest window, in days.
const LONGEST: i64 = 31;
/// The window when no end is given, in days.
const USUAL: i64 = 7;

/// A window out of what a caller writes: instants (RFC 3339), or dates on the provider's calendar, both inclusive.
/// Without a beginning it begins `now`, without an end it lasts a week; it never reaches over more than 31 days.
pub(crate) fn window(
    from: Option<&str>,
    to: Option<&str>,
    zone: &Zone,
    now: Timestamp,
) -> Result<Span, Invalid> {
    let beyond = || Invalid::new("`to` lies beyond the calendar");
    let starts_at = from.map_or(Ok(now), |text| parse("from", text, |date| zone.start_of(date)))?;
    let ends_at = match to {
        Some(text) => parse("to", text, |date| zone.start_of(date.tomorrow().ok()?))?,
        None => zone.days_after(starts_at, USUAL).ok_or_else(beyond)?,
    };
    if ends_at <= starts_at {
        return Err(Invalid::new("`to` must be later than `from`"));
    }
    if ends_at > zone.days_after(starts_at, LONGEST).ok_or_else(beyond)? {
        return Err(Invalid::new(format!("`from` and `to` may be at most {LONGEST} days apart")));
    }
    Ok(Span { starts_at, ends_at })
}

fn parse(name: &str, text: &str, edge: impl Fn(Date) -> Option<Timestamp>) -> Result<Timestamp, Invalid> {
    // A date proper only: that of a time without an offset would be another than was meant.
    let date = || if text.len() == "2030-01-31".len() { edge(text.parse().ok()?) } else { None };
    text.parse().ok().or_else(date).ok_or_else(|| {
        let examples = "2030-01-31T09:00:00Z or a date such as 2030-01-31";
        Invalid::new(format!("`{name}` must be an instant such as {examples}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(from: Option<&str>, to: Option<&str>) -> Result<(String, String), Invalid> {
        let now = "2030-03-30T10:00:00Z".parse().unwrap();
        let span = window(from, to, &Zone::parse("Europe/Berlin").unwrap(), now)?;
        Ok((span.starts_at.to_string(), span.ends_at.to_string()))
    }

    #[test]
    fn dates_are_whole_days_of_the_provider() {
        let day = berlin(Some("2030-03-31"), Some("2030-03-31"));
        assert_eq!(day, Ok(("2030-03-30T23:00:00Z".into(), "2030-03-31T22:00:00Z".into())), "23 hours");
        assert!(berlin(Some("2030-10-01"), Some("2030-10-31")).is_ok(), "31 days and an hour");
        assert!(berlin(Some("2030-10-01"), Some("2030-11-01")).is_err());
    }

    #[test]
    fn instants_are_taken_as_they_are() {
        let span = berlin(Some("2030-04-01T09:00:00+02:00"), Some("2030-04-01T12:00:00Z"));
        assert_eq!(span, Ok(("2030-04-01T07:00:00Z".into(), "2030-04-01T12:00:00Z".into())));
    }

    #[test]
    fn without_edges_it_is_the_week_to_come() {
        assert_eq!(berlin(None, None), Ok(("2030-03-30T10:00:00Z".into(), "2030-04-06T09:00:00Z".into())));
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for (from, to) in [
            ("tomorrow", "2030-04-01"),
            ("2030-04-01T09:00", "2030-04-02"),
            ("2030-04-02", "2030-04-01"),
            ("2030-04-01T09:00:00Z", "2030-04-01T09:00:00Z"),
            ("2030-02-30", "2030-03-01"),
            ("9999-12-31", "9999-12-31"),
            ("20300401", "2030-04-02"),
        ] {
            assert!(berlin(Some(from), Some(to)).is_err(), "{from} to {to}");
        }
        assert!(berlin(Some("9999-12-30"), None).is_err());
    }
}
