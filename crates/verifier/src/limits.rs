//! Every number the verifier goes by, with its default and the range it may be set in. Where next: `builder`,
//! which refuses what is out of range.

use std::{fmt, ops::RangeInclusive, time::Duration};

/// The numbers the verifier goes by. The defaults suit a service of this system; the ranges are checked by
/// [`Builder::build`](crate::Builder::build). Write `Limits { leeway, ..Limits::default() }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest token that is read, in bytes: 8 KiB. From 256 to 8,192.
    pub token_bytes: usize,
    /// The longest `kid`, in bytes: 128. From 16 to 1,024.
    pub kid_bytes: usize,
    /// How deep JSON may be nested, the outermost object counting as one: 8. From 2 to 64.
    pub json_depth: usize,
    /// By how much the issuer's clock and this one may differ: 30 s. Up to 60 s. Added on the token's side at
    /// both ends of its life.
    pub leeway: Duration,
    /// The longest time from `iat` to `exp`: 1 h. From 1 min to 24 h.
    pub token_lifetime: Duration,

    /// How many verified tokens are remembered: 10,000, rounded down to a multiple of 8. Up to 1,000,000; 0 switches the
    /// cache off.
    pub cached_tokens: usize,
    /// How much memory they may take, in bytes: 8 MiB. From 64 KiB to 1 GiB.
    pub cached_bytes: usize,
    /// For how long a token is remembered, in whole seconds: 60 s. From 1 s to 10 min. Never for longer than it is good.
    pub cached_for: Duration,
    /// How many revocations of one issuer are kept: 4,000,000, about 64 bytes each. From 1,000 to 100,000,000.
    pub revocations: usize,

    /// The shortest RSA modulus, in bits: 2,048. From 2,048 to 4,096.
    pub rsa_bits_least: usize,
    /// The longest RSA modulus, in bits: 4,096. From `rsa_bits_least` to 4,096.
    pub rsa_bits_most: usize,
    /// The longest key set document, in bytes: 64 KiB. From 1 KiB to 1 MiB.
    pub set_bytes: usize,
    /// How many keys a set may hold, foreign ones included: 32. From 1 to 128.
    pub set_keys: usize,

    /// The shortest life of a key set, whatever its `max-age`: 10 s, which is the least that Signet's issuer says. From
    /// 10 ms to 1 h. An issuer publishes a key for some lives before it signs, so a set must not be kept for much longer
    /// than the issuer believes.
    pub ttl_least: Duration,
    /// The longest life of a key set, whatever its `max-age`: 1 h. From `ttl_least` to 24 h.
    pub ttl_most: Duration,
    /// The life of a key set that comes without a `max-age`: 5 min. From `ttl_least` to `ttl_most`.
    pub ttl_default: Duration,
    /// At what part of its life a key set is refreshed, in percent: 80. From 10 to 95.
    pub refresh_percent: u32,
    /// By how many percent of the life that moment is scattered to either side: 10. Less than
    /// `refresh_percent`, and both together at most 100.
    pub refresh_spread_percent: u32,
    /// How long connecting may take: 1 s. From 10 ms to `fetch_timeout`.
    pub connect_timeout: Duration,
    /// How long one fetch may take from start to end: 3 s. From 10 ms to 30 s.
    pub fetch_timeout: Duration,
    /// The shortest pause after a failed fetch: 1 s. From 10 ms to 60 s.
    pub back_off_least: Duration,
    /// The longest pause after failed fetches: 60 s. From `back_off_least` to 10 min.
    pub back_off_most: Duration,
    /// For how long after the last successful fetch keys are still used: 24 h. From 1 min (and `ttl_most`) to 7 days.
    pub stale_limit: Duration,

    /// How many unknown key ids are remembered: 1,024. From 1 to 65,536.
    pub unknown_kids: usize,
    /// For how long each of them is: 60 s. From 10 ms to 1 h.
    pub unknown_kid_lifetime: Duration,
    /// At most one fetch is made on behalf of unknown key ids in this time: 10 s. From 10 ms to 1 h.
    pub on_demand_interval: Duration,
    /// While an unknown key id is asked for, a fetch is made at least this often, whoever spends the
    /// on-demand ones: 30 s. From 10 ms to 1 h.
    pub reserved_interval: Duration,
    /// How many requests may wait for a fetch at a time: 256. Up to 4,096.
    pub waiters: usize,
    /// For how long a request waits for a fetch: 1 s. Up to 10 s.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token_bytes: 8 * 1024,
            kid_bytes: 128,
            json_depth: 8,
            leeway: Duration::from_secs(30),
            token_lifetime: HOUR,
            cached_tokens: 10_000,
            cached_bytes: 8 * 1024 * 1024,
            cached_for: MINUTE,
            revocations: 4_000_000,
            rsa_bits_least: 2048,
            rsa_bits_most: 4096,
            set_bytes: 64 * 1024,
            set_keys: 32,
            ttl_least: Duration::from_secs(10),
            ttl_most: HOUR,
            ttl_default: Duration::from_mins(5),
            refresh_percent: 80,
            refresh_spread_percent: 10,
            connect_timeout: Duration::from_secs(1),
            fetch_timeout: Duration::from_secs(3),
            back_off_least: Duration::from_secs(1),
            back_off_most: MINUTE,
            stale_limit: DAY,
            unknown_kids: 1024,
            unknown_kid_lifetime: MINUTE,
            on_demand_interval: Duration::from_secs(10),
            reserved_interval: Duration::from_secs(30),
            waiters: 256,
            wait: Duration::from_secs(1),
        }
    }
}

const INSTANT: Duration = Duration::from_millis(10);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl Limits {
    /// One sentence for each number that is out of range.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Faults(Vec::new());
        self.check_tokens(&mut faults);
        self.check_memory(&mut faults);
        self.check_keys(&mut faults);
        self.check_unknown(&mut faults);
        faults.0
    }

    fn check_tokens(&self, faults: &mut Faults) {
        faults.unless_within("token_bytes", self.token_bytes, 256..=8192);
        faults.unless_within("kid_bytes", self.kid_bytes, 16..=1024);
        faults.unless_within("json_depth", self.json_depth, 2..=64);
        faults.unless_within("leeway", self.leeway, Duration::ZERO..=MINUTE);
        faults.unless_within("token_lifetime", self.token_lifetime, MINUTE..=DAY);
    }

    fn check_memory(&self, faults: &mut Faults) {
        faults.unless_within("cached_tokens", self.cached_tokens, 0..=1_000_000);
        faults.unless_within("cached_bytes", self.cached_bytes, 64 * 1024..=1024 * 1024 * 1024);
        faults.unless_within("cached_for", self.cached_for, Duration::from_secs(1)..=10 * MINUTE);
        faults.unless_within("revocations", self.revocations, 1_000..=100_000_000);
    }

    fn check_keys(&self, faults: &mut Faults) {
        faults.unless_within("rsa_bits_least", self.rsa_bits_least, 2048..=4096);
        faults.unless_within("rsa_bits_most", self.rsa_bits_most, self.rsa_bits_least..=4096);
        faults.unless_within("set_bytes", self.set_bytes, 1024..=1024 * 1024);
        faults.unless_within("set_keys", self.set_keys, 1..=128);
        faults.unless_within("ttl_least", self.ttl_least, INSTANT..=HOUR);
        faults.unless_within("ttl_most", self.ttl_most, self.ttl_least..=DAY);
        faults.unless_within("ttl_default", self.ttl_default, self.ttl_least..=self.ttl_most);
        faults.unless_within("refresh_percent", self.refresh_percent, 10..=95);
        let spread = self.refresh_percent.saturating_sub(1).min(100_u32.saturating_sub(self.refresh_percent));
        faults.unless_within("refresh_spread_percent", self.refresh_spread_percent, 0..=spread);
        faults.unless_within("fetch_timeout", self.fetch_timeout, INSTANT..=Duration::from_secs(30));
        faults.unless_within("connect_timeout", self.connect_timeout, INSTANT..=self.fetch_timeout);
        faults.unless_within("back_off_least", self.back_off_least, INSTANT..=MINUTE);
        faults.unless_within("back_off_most", self.back_off_most, self.back_off_least..=10 * MINUTE);
        faults.unless_within("stale_limit", self.stale_limit, self.ttl_most.max(MINUTE)..=7 * DAY);
    }

    fn check_unknown(&self, faults: &mut Faults) {
        faults.unless_within("unknown_kids", self.unknown_kids, 1..=65_536);
        faults.unless_within("unknown_kid_lifetime", self.unknown_kid_lifetime, INSTANT..=HOUR);
        faults.unless_within("on_demand_interval", self.on_demand_interval, INSTANT..=HOUR);
        faults.unless_within("reserved_interval", self.reserved_interval, INSTANT..=HOUR);
        faults.unless_within("waiters", self.waiters, 0..=4096);
        faults.unless_within("wait", self.wait, Duration::ZERO..=Duration::from_secs(10));
    }
}

struct Faults(Vec<String>);

impl Faults {
    fn unless_within<T: PartialOrd + fmt::Debug>(&mut self, name: &str, value: T, range: RangeInclusive<T>) {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            self.0.push(format!("{name} is {value:?}, it must be from {least:?} to {most:?}"));
        }
    }
}

/// A verifier cannot be built this way: everything that is wrong, one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the verifier cannot be built: {}", .faults.join("; "))]
pub struct InvalidLimits {
    /// One sentence for each mistake.
    pub faults: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range() {
        assert_eq!(Limits::default().faults(), [""; 0]);
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let limits = Limits {
            token_bytes: 0,
            leeway: HOUR,
            rsa_bits_least: 1024,
            ttl_default: DAY,
            refresh_spread_percent: 21,
            connect_timeout: MINUTE,
            stale_limit: MINUTE,
            waiters: 5000,
            ..Limits::default()
        };
        let names: Vec<_> =
            limits.faults().iter().map(|fault| fault.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(
            names,
            [
                "token_bytes",
                "leeway",
                "rsa_bits_least",
                "ttl_default",
                "refresh_spread_percent",
                "connect_timeout",
                "stale_limit",
                "waiters"
            ]
        );
    }
}
