//! The one loop that fetches. Because nobody else does, there is never more than one fetch at a time, no lock is held
//! during it, and a request that gives up takes nothing with it. Where next: `unknown`, how requests wait for it.

use std::sync::atomic::Ordering;

use tokio::time::{Instant, sleep_until, timeout};

use super::{FetchFailure, KeySet, Keys, freshness, schedule::Fetched};

impl Keys {
    /// Fetches whenever it is due, until dropped. Of several callers one works; another takes over when it is dropped.
    pub(crate) async fn run(&self) {
        let _turn = self.runner.lock().await;
        loop {
            self.wait_until_due().await;
            let flight = InFlight::start(self);
            let outcome = self.fetch().await;
            flight.land(outcome);
        }
    }

    async fn wait_until_due(&self) {
        loop {
            let due = self.schedule().due();
            if due <= Instant::now() {
                return;
            }
            tokio::select! {
                () = sleep_until(due) => {}
                () = self.rescheduled.notified() => {}
            }
        }
    }

    /// Asks once; gives the life of the set that is now in use. Only a set that is wholly in order replaces another.
    async fn fetch(&self) -> Result<Fetched, FetchFailure> {
        // The set cannot be younger than the question.
        let asked_at = self.clock.now();
        let held = self.store.load().clone();
        let etag = held.as_ref().and_then(|loaded| loaded.etag.as_deref());
        let response = timeout(self.limits.fetch_timeout, self.source.get(etag))
            .await
            .map_err(|_| FetchFailure::TimedOut)??;
        let changed = match (response.status, &held) {
            (200, _) => {
                let keys = KeySet::parse(&response.body, &self.algorithms, &self.limits)?;
                tracing::debug!(keys = keys.len(), "key set fetched");
                let changed = self.store.replace(keys, response.etag.clone(), asked_at);
                if let Some(archive) = &self.archive {
                    archive.keep(&response.body, response.etag.as_deref(), asked_at);
                }
                changed
            }
            (304, Some(loaded)) if etag.is_some() => {
                self.store.confirm(loaded, asked_at);
                if let Some(archive) = &self.archive {
                    archive.confirm(asked_at);
                }
                false
            }
            (301..=303 | 307 | 308, _) => return Err(FetchFailure::Redirected),
            (status, _) => return Err(FetchFailure::Status(status)),
        };
        Ok(Fetched { lifetime: freshness::lifetime(&response, &self.limits), changed })
    }
}

/// A fetch that has started and must end, be it by the loop being dropped: requests are waiting for it.
struct InFlight<'a> {
    keys: &'a Keys,
    number: u64,
    outcome: Result<Fetched, FetchFailure>,
}

impl<'a> InFlight<'a> {
    fn start(keys: &'a Keys) -> Self {
        keys.fetches.fetch_add(1, Ordering::Relaxed);
        let number = keys.schedule().start(Instant::now());
        Self { keys, number, outcome: Err(FetchFailure::Interrupted) }
    }

    fn land(mut self, outcome: Result<Fetched, FetchFailure>) {
        self.outcome = outcome;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let keys = self.keys;
        let now = Instant::now();
        match self.outcome {
            Ok(fetched) => keys.schedule().succeed(now, fetched, keys.entropy.as_ref()),
            Err(failure) => {
                keys.fetch_failures.fetch_add(1, Ordering::Relaxed);
                let mut schedule = keys.schedule();
                schedule.fail(now, failure, keys.entropy.as_ref());
                let retry_after = schedule.retry_after(now);
                tracing::warn!(%failure, ?retry_after, "the key set could not be fetched");
            }
        }
        keys.landed.send_replace(super::Landing { number: self.number, succeeded: self.outcome.is_ok() });
    }
}
