//! What verifiers count, for Prometheus: read when scraped, so that a request pays nothing for it.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use verifier::Verifier;

use crate::metrics::Metrics;

/// Shows the numbers of `verifier` as those of `service`.
pub fn register(metrics: &Metrics, service: &'static str, verifier: Verifier) {
    metrics.register(|registry| registry.register_collector(Box::new(Verification { service, verifier })));
}

struct Verification {
    service: &'static str,
    verifier: Verifier,
}

impl Collector for Verification {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let (health, counters) = (self.verifier.health(), self.verifier.counters());
        let plain = [
            ("tokens_verified", "Access tokens accepted", counters.verified),
            ("token_cache_hits", "Tokens not verified again, having been a moment ago", counters.cache_hits),
            ("key_set_fetches", "Fetches of the issuer's keys", counters.fetches),
            ("key_set_fetch_failures", "Fetches of the issuer's keys that failed", counters.fetch_failures),
            ("key_set_snapshots", "Snapshots of the issuer's keys written to disk", counters.snapshots),
            (
                "key_set_snapshot_failures",
                "Snapshots of the issuer's keys that could not be written",
                counters.snapshot_failures,
            ),
            (
                "revocation_journal_writes",
                "Times that revocations were written to disk",
                counters.journal_writes,
            ),
            (
                "revocation_journal_failures",
                "Times that revocations could not be written to disk",
                counters.journal_failures,
            ),
        ];
        for (name, help, value) in plain {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(value).encode(metric.encode_family(&[("service", self.service)])?)?;
        }
        let help = "Credentials refused, requests without any included";
        let mut rejected = encoder.encode_descriptor("tokens_rejected", help, None, MetricType::Counter)?;
        for (reason, count) in counters.rejections {
            let labels = [("service", self.service), ("reason", reason.as_str())];
            ConstCounter::new(count).encode(rejected.encode_family(&labels)?)?;
        }
        let age = health.key_set_age.map_or(f64::NAN, |age| age.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 are kept")]
        let revocations = health.issuers.iter().map(|issuer| issuer.revocations).sum::<usize>() as f64;
        let feed = health.issuers.iter().find_map(|issuer| issuer.feed);
        let lag = feed.and_then(|feed| feed.silent_for).map_or(f64::NAN, |silence| silence.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 are made")]
        let last_seq = feed.map_or(f64::NAN, |feed| feed.last_seq as f64);
        for (name, help, value) in [
            (
                "revocation_feed_lag_seconds",
                "Seconds since the issuer last said that no revocation is missing",
                lag,
            ),
            ("revocation_feed_last_seq", "The issuer's number of the last revocation heard of", last_seq),
            ("key_set_age_seconds", "Seconds since the issuer last confirmed its keys", age),
            ("revocations", "Revocations that are known and not yet over", revocations),
        ] {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(metric.encode_family(&[("service", self.service)])?)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("service", &self.service).finish_non_exhaustive()
    }
}
