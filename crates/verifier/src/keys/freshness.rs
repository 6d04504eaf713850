//! For how long a key set is fresh: what the issuer says (RFC 9111 §4.2), within what is sensible here.

use std::time::Duration;

use super::source::Response;
use crate::Limits;

/// The life of what was answered: `max-age` less `Age`, clamped; a default when nothing is said; the least when the
/// issuer forbids caching, since asking it for every request would be no cache at all.
pub(super) fn lifetime(response: &Response, limits: &Limits) -> Duration {
    let Some(max_age) = response.cache_control.as_deref().and_then(max_age) else {
        return limits.ttl_default;
    };
    Duration::from_secs(max_age.saturating_sub(response.age.unwrap_or(0)))
        .clamp(limits.ttl_least, limits.ttl_most)
}

/// `no-store` and `no-cache` count as zero; of several `max-age` the least holds (RFC 9111 §4.2.1); one that is no
/// number says nothing, and one too big for a number is very long (§1.2.2).
fn max_age(cache_control: &str) -> Option<u64> {
    let seconds = |directive: &str| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => Some(0),
            "max-age" => delta_seconds(value.trim().trim_matches('"')),
            _ => None,
        }
    };
    cache_control.split(',').filter_map(seconds).min()
}

fn delta_seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(cache_control: Option<&str>, age: Option<u64>) -> u64 {
        let response =
            Response { cache_control: cache_control.map(str::to_owned), age, ..Response::default() };
        lifetime(&response, &Limits::default()).as_secs()
    }

    #[test]
    fn the_issuer_says_how_long() {
        assert_eq!(seconds(Some("public, max-age=600, stale-if-error=86400"), None), 600);
        assert_eq!(seconds(Some("Max-Age=\"600\""), None), 600);
        assert_eq!(seconds(Some("max-age=600, max-age=120"), None), 120);
        assert_eq!(seconds(Some("max-age=600"), Some(100)), 500);
    }

    #[test]
    fn within_ten_seconds_and_one_hour() {
        assert_eq!(seconds(Some("max-age=9"), None), 10);
        assert_eq!(seconds(Some("max-age=10"), None), 10);
        assert_eq!(seconds(Some("max-age=3600"), None), 3600);
        assert_eq!(seconds(Some("max-age=3601"), None), 3600);
        assert_eq!(seconds(Some("max-age=99999999999999999999999"), None), 3600);
        assert_eq!(seconds(Some("max-age=600"), Some(601)), 10);
        assert_eq!(seconds(Some("no-store"), None), 10);
        assert_eq!(seconds(Some("max-age=600, no-cache"), None), 10);
    }

    #[test]
    fn five_minutes_when_nothing_is_said() {
        for cache_control in
            [None, Some(""), Some("public"), Some("max-age=soon"), Some("max-age="), Some("max-age=-1")]
        {
            assert_eq!(seconds(cache_control, None), 300, "{cache_control:?}");
        }
    }
}
