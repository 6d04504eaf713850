//! Tokens in quantity, and verifiers to give them to. Where next: `verify` and `http`, which use both.

use std::{collections::VecDeque, num::NonZero, sync::Arc, thread, time::Duration};

use identity::SystemClock;
use serde::Deserialize;
use tokio::{
    runtime::{self, Runtime},
    task::AbortHandle,
    time::timeout,
};
use verifier::{
    Verifier,
    testing::{Issuer, Script},
};

use crate::Outcome;

/// The audience of all tokens here.
pub(crate) const AUDIENCE: &str = "users";
const ISSUER: &str = "https://auth.example";

/// An issuer by the system's clock.
pub(crate) fn issuer() -> Issuer {
    Issuer::new(ISSUER, Arc::new(SystemClock))
}

/// The key that the issuer signs with, as it is published.
#[derive(Deserialize)]
pub(crate) struct PublicKey {
    /// Modulus in base64url (RFC 7518 §6.3.1.1).
    pub(crate) n: String,
    /// Exponent in base64url (RFC 7518 §6.3.1.2).
    pub(crate) e: String,
}

impl PublicKey {
    pub(crate) fn of(issuer: &Issuer) -> Outcome<Self> {
        #[derive(Deserialize)]
        struct Published {
            keys: VecDeque<PublicKey>,
        }
        let Published { mut keys } = serde_json::from_str(&issuer.jwks())?;
        Ok(keys.pop_front().ok_or("the issuer has no key")?)
    }
}

/// So many tokens that differ, good for the longest time a verifier allows. Signing takes a moment, so all processors
/// share in it.
pub(crate) fn tokens(issuer: &Issuer, number: usize) -> Outcome<Vec<String>> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let mint = || issuer.token().expires_in(Duration::from_hours(1)).mint();
    let shares: Vec<Vec<String>> = thread::scope(|scope| {
        let share = |worker: usize| (worker..number).step_by(workers).map(|_| mint()).collect();
        let started: Vec<_> = (0..workers).map(|worker| scope.spawn(move || share(worker))).collect();
        started.into_iter().map(thread::ScopedJoinHandle::join).collect::<Result<_, _>>()
    })
    .map_err(|_| "a worker that mints has failed")?;
    Ok(shares.into_iter().flatten().collect())
}

/// A runtime beside the thread that measures.
pub(crate) fn runtime() -> Outcome<Runtime> {
    Ok(runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

/// A verifier that has its keys, from memory, and is kept fresh until it is dropped.
pub(crate) struct Ready {
    pub(crate) verifier: Verifier,
    refresh: AbortHandle,
}

impl Ready {
    pub(crate) fn new(runtime: &Runtime, issuer: &Issuer) -> Outcome<Self> {
        let builder = Verifier::builder(issuer.trust(AUDIENCE)).script(Script::new(issuer.answer()));
        let verifier = builder.build()?;
        let refreshed = verifier.clone();
        let refresh = runtime.spawn(async move { refreshed.run().await }).abort_handle();
        runtime.block_on(async { timeout(Duration::from_secs(10), verifier.until_usable()).await })?;
        Ok(Self { verifier, refresh })
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.refresh.abort();
    }
}
