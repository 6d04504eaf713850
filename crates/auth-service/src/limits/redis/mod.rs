//! Counting in Redis, so that all replicas count together: GCRA as one script, atomic where it runs.
//!
//! The time is Redis's own. Replicas' clocks differ, and with their own times the one that runs ahead would make
//! everybody wait for it. Keys carry a prefix, the rule and a keyed hash of the party, so that neither a stolen
//! copy of Redis nor anybody who may list keys there learns who tried to sign in; they expire by themselves as soon as
//! they no longer say anything.
//!
//! Where next: [`link`], which decides when Redis is asked at all.

mod link;

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use identity::Clock;
use redis::{RedisError, Script, aio::MultiplexedConnection};

use super::{Key, Quota, Quotas, Rule, TooMany};
use crate::{MasterKey, redis_server::RedisServer};
use link::Link;
pub(crate) use link::Up;

/// What every key begins with; an ACL rule for this service is `~signet:limit:*`.
const PREFIX: &str = "signet:limit";

/// Limits of all replicas together.
pub(super) struct RedisCounter {
    link: Link,
    quotas: Quotas,
}

impl RedisCounter {
    /// Connects, or goes on trying to in the background. Takes a second at most.
    pub(super) async fn connect(
        server: RedisServer,
        quotas: Quotas,
        master_key: &MasterKey,
        up: Up,
        clock: Option<Arc<dyn Clock>>,
    ) -> Self {
        let question = Question {
            script: Script::new(include_str!("take.lua")),
            names: hmac::Key::new(hmac::HMAC_SHA256, master_key.derive("limits", b"").as_ref()),
            clock,
        };
        Self { link: Link::open(server, question, up).await, quotas }
    }

    /// Counts one attempt or refuses it; `None` when Redis cannot be asked or does not answer in time.
    pub(super) async fn take(&self, rule: Rule, key: Key) -> Option<Result<(), TooMany>> {
        let wait = self.link.ask(rule, key, self.quotas.of(rule)).await?;
        Some(if wait.is_zero() { Ok(()) } else { Err(TooMany(wait)) })
    }
}

impl fmt::Debug for RedisCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCounter").finish_non_exhaustive()
    }
}

/// What is asked of Redis.
struct Question {
    script: Script,
    /// Makes parties into names.
    names: hmac::Key,
    /// Whose time counts; Redis's own unless given.
    clock: Option<Arc<dyn Clock>>,
}

impl Question {
    /// How long the party has to wait; zero when the attempt is allowed.
    async fn take(
        &self,
        connection: &mut MultiplexedConnection,
        rule: Rule,
        key: Key,
        quota: Quota,
    ) -> Result<Duration, RedisError> {
        let now = self.clock.as_ref().map_or(String::new(), |clock| clock.now().as_microsecond().to_string());
        let interval = quota.interval().as_micros().max(1);
        let tolerance = interval * u128::from(quota.burst().get() - 1);
        let mut invocation = self.script.key(self.name(rule, key));
        invocation.arg(interval.to_string()).arg(tolerance.to_string()).arg(now);
        invocation.invoke_async(connection).await.map(Duration::from_micros)
    }

    /// Whether Redis does all that is needed of it: one attempt by nobody, forgotten within a millisecond.
    async fn probe(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        let mut invocation = self.script.key(format!("{PREFIX}:probe"));
        invocation.arg(1).arg(0).arg("").invoke_async::<u64>(connection).await.map(drop)
    }

    fn name(&self, rule: Rule, key: Key) -> String {
        let tag = hmac::sign(&self.names, &key.bytes());
        let half = tag.as_ref().first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
        format!("{PREFIX}:{}:{half:032x}", rule.name())
    }
}

#[cfg(test)]
mod tests;
