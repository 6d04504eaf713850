//! Counting in Redis while it answers, and in this process otherwise.
//!
//! What Redis allows is counted here as well, so that losing Redis gives nobody a fresh burst at every replica.

use std::sync::Arc;

use chassis::{Ambient, metrics::Metrics};
use futures_util::future::BoxFuture;
use identity::Clock;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};

use super::{
    Key, Limiter, MemoryLimiter, Rule, TooMany,
    redis::{RedisCounter, Up},
};
use crate::Settings;

/// The limits of one replica, shared with the others as far as Redis allows.
pub(crate) struct FallbackLimiter {
    redis: Option<RedisCounter>,
    memory: MemoryLimiter,
    decisions: Family<Decision, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decision {
    backend: &'static str,
    outcome: &'static str,
}

impl FallbackLimiter {
    /// Limits as the settings say, counted among `metrics`.
    pub(crate) async fn start(settings: &Settings, ambient: &Ambient, metrics: &Metrics) -> Arc<dyn Limiter> {
        Arc::new(Self::with_clock(settings, ambient, metrics, None).await)
    }

    /// With another time for Redis than its own.
    pub(super) async fn with_clock(
        settings: &Settings,
        ambient: &Ambient,
        metrics: &Metrics,
        clock: Option<Arc<dyn Clock>>,
    ) -> Self {
        let decisions = Family::default();
        let help = "Decisions about login and registration limits";
        metrics.register(|registry| registry.register("auth_limit_decisions", help, decisions.clone()));
        let redis = match settings.redis.clone() {
            None => None,
            Some(server) => {
                let up = Up::default();
                let help = "1 while limits are counted in Redis, 0 while each replica counts by itself";
                metrics.register(|registry| registry.register("auth_limits_redis_up", help, up.clone()));
                Some(
                    RedisCounter::connect(server, settings.quotas, settings.master_keys.current(), up, clock)
                        .await,
                )
            }
        };
        Self { redis, memory: MemoryLimiter::new(settings.quotas, Arc::clone(&ambient.clock)), decisions }
    }

    async fn decide(&self, rule: Rule, key: Key) -> (&'static str, Result<(), TooMany>) {
        let shared = match &self.redis {
            Some(redis) => redis.take(rule, key).await,
            None => None,
        };
        match shared {
            Some(Ok(())) => {
                let _ = self.memory.count(rule, key);
                ("redis", Ok(()))
            }
            Some(refused) => ("redis", refused),
            None => ("memory", self.memory.count(rule, key)),
        }
    }
}

impl Limiter for FallbackLimiter {
    fn take<'a>(&'a self, rule: Rule, key: &'a Key) -> BoxFuture<'a, Result<(), TooMany>> {
        Box::pin(async move {
            let (backend, decision) = self.decide(rule, *key).await;
            let outcome = if decision.is_ok() { "allowed" } else { "refused" };
            self.decisions.get_or_create(&Decision { backend, outcome }).inc();
            decision
        })
    }
}
