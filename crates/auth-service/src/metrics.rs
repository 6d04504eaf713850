//! Tokens, refreshes and password hashing in numbers. What was refused, and why, is in `http_problems` of every
//! service.

use std::fmt;

use chassis::metrics::Metrics;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{
        MetricType,
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
    },
};

use crate::passwords::PasswordHasher;

/// For what tokens are issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A new account.
    Registration,
    /// The right password.
    Login,
    /// A refresh token.
    Refresh,
    /// A client's own secret.
    ClientCredentials,
    /// A user's token, to act for them.
    TokenExchange,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Grant {
    grant: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The service's own metrics. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    tokens: Family<Grant, Counter>,
    refreshes: Family<Outcome, Counter>,
}

impl Counters {
    /// Shows these and how busy `passwords` is.
    pub(crate) fn register(&self, metrics: &Metrics, passwords: PasswordHasher) {
        metrics.register(|registry| {
            registry.register("auth_tokens_issued", "Access tokens issued", self.tokens.clone());
            let help = "Refresh tokens by what was done about them";
            registry.register("auth_refreshes", help, self.refreshes.clone());
            registry.register_collector(Box::new(Hashing(passwords)));
        });
    }

    pub(crate) fn issued(&self, reason: Reason) {
        let grant = match reason {
            Reason::Registration => "registration",
            Reason::Login => "password",
            Reason::Refresh => "refresh_token",
            Reason::ClientCredentials => "client_credentials",
            Reason::TokenExchange => "token_exchange",
        };
        self.tokens.get_or_create(&Grant { grant }).inc();
    }

    /// `rotated`, `repeated` within the grace, or the code of the refusal.
    pub(crate) fn refreshed(&self, outcome: &'static str) {
        self.refreshes.get_or_create(&Outcome { outcome }).inc();
    }
}

/// Read when scraped.
#[derive(Debug)]
struct Hashing(PasswordHasher);

impl Collector for Hashing {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let load = self.0.load();
        let help = "Passwords that are being hashed or wait for it";
        let mut now = encoder.encode_descriptor("auth_password_hashes", help, None, MetricType::Gauge)?;
        for (state, count) in [("running", load.running), ("waiting", load.waiting)] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(now.encode_family(&[("state", state)])?)?;
        }
        let help = "How many may be hashed or wait for it; more are turned away";
        let mut most =
            encoder.encode_descriptor("auth_password_hashes_max", help, None, MetricType::Gauge)?;
        for (state, count) in [("running", load.most.running), ("waiting", load.most.waiting)] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(most.encode_family(&[("state", state)])?)?;
        }
        let help = "Passwords that were hashed twice, since idle time was too little";
        let again =
            encoder.encode_descriptor("auth_password_hashes_repeated", help, None, MetricType::Counter)?;
        ConstCounter::new(load.done_again).encode(again)?;
        Ok(())
    }
}
