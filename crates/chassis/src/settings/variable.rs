//! Texts into typed values, with an explanation when that fails.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use jiff::{
    SignedDuration,
    fmt::friendly::{Designator, Spacing, SpanPrinter},
};
use url::Url;

/// A value that can be read from a variable and shown in documentation.
pub trait FromText: Sized {
    /// What would be right, completing "must be …".
    const EXPECTED: &'static str;

    /// The value, if the text is one.
    fn from_text(text: &str) -> Option<Self>;

    /// The value as one would write it in the environment.
    fn to_text(&self) -> String;
}

macro_rules! by_from_str {
    ($($type:ty => $expected:literal),* $(,)?) => {$(
        impl FromText for $type {
            const EXPECTED: &'static str = $expected;

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

by_from_str! {
    String => "text",
    u16 => "a whole number up to 65535",
    u32 => "a whole number",
    u64 => "a whole number",
    usize => "a whole number",
    bool => "true or false",
    SocketAddr => "an address and port such as 127.0.0.1:3001",
    Url => "a URL such as http://127.0.0.1:3001",
    IpNet => "a network such as 10.0.0.0/8",
}

impl FromText for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn from_text(text: &str) -> Option<Self> {
        Some(Self::from(text))
    }

    fn to_text(&self) -> String {
        self.display().to_string()
    }
}

impl FromText for Duration {
    const EXPECTED: &'static str = "a duration such as 500ms, 10s, 5m, 2h or 7d";

    fn from_text(text: &str) -> Option<Self> {
        // A day is 24 hours here: these are limits, not calendar dates.
        let plain = match text.strip_suffix('d').and_then(|days| days.trim().parse::<u32>().ok()) {
            Some(days) => SignedDuration::from_hours(i64::from(days) * 24),
            None => text.parse().ok()?,
        };
        Self::try_from(plain).ok()
    }

    fn to_text(&self) -> String {
        format_duration(*self)
    }
}

/// Comma-separated values.
impl<T: FromText> FromText for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(T::from_text).collect()
    }

    fn to_text(&self) -> String {
        self.iter().map(T::to_text).collect::<Vec<_>>().join(",")
    }
}

/// A duration in the form in which settings take it, such as `10m` or `7d`.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    if duration.as_secs() >= DAY && duration.as_secs().is_multiple_of(DAY) {
        return format!("{}d", duration.as_secs() / DAY);
    }
    let printer = SpanPrinter::new().designator(Designator::Compact).spacing(Spacing::None);
    printer.unsigned_duration_to_string(&duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_written() {
        for text in ["500ms", "10s", "5m", "2h", "7d", "1h30m"] {
            assert_eq!(format_duration(Duration::from_text(text).unwrap()), text);
        }
        for text in ["", "10", "-5s", "soon", "d"] {
            assert_eq!(Duration::from_text(text), None, "{text:?}");
        }
    }

    #[test]
    fn lists_are_separated_by_commas() {
        assert_eq!(Vec::<u16>::from_text(" 1, 2,,3 "), Some(vec![1, 2, 3]));
        assert_eq!(Vec::<u16>::from_text("1,x"), None);
    }
}
