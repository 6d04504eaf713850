//! An issuer, its key endpoint and a verifier, under one clock that tests may pause.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use tokio::task::AbortHandle;
use verifier::{
    Entropy, Limits, Reason, Rejection, Verified, Verifier,
    testing::{Answer, Issuer, Script, TokioClock},
};

pub(crate) const ISSUER: &str = "https://auth.example";
pub(crate) const METADATA: &str = "https://users.example/.well-known/oauth-protected-resource";

/// Randomness that is none: draws the least of every range, or nearly the most.
pub(crate) struct Always(pub(crate) u8);

impl Entropy for Always {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// Everything a token meets. The key set is refreshed until the world is dropped.
pub(crate) struct World {
    pub(crate) issuer: Issuer,
    pub(crate) script: Script,
    pub(crate) verifier: Verifier,
    refresh: AbortHandle,
}

impl Drop for World {
    fn drop(&mut self) {
        self.refresh.abort();
    }
}

impl World {
    /// A world in which nothing was fetched yet and the endpoint will give this answer.
    pub(crate) fn cold(answer: impl FnOnce(&Issuer) -> Answer, limits: &Limits, entropy: Always) -> Self {
        let clock = Arc::new(TokioClock::default());
        let issuer = Issuer::new(ISSUER, clock.clone());
        let script = Script::new(answer(&issuer));
        let verifier = Verifier::builder(issuer.trust("users"))
            .clock(clock)
            .entropy(Arc::new(entropy))
            .limits(*limits)
            .resource_metadata(METADATA.parse().unwrap())
            .script(script.clone())
            .build()
            .unwrap();
        let refresh = spawn_refresh(&verifier);
        Self { issuer, script, verifier, refresh }
    }

    /// A world in which the key set has just been fetched. It is refreshed at 70 % of its life, and pauses are short.
    pub(crate) async fn new() -> Self {
        Self::drawing(Always(0)).await
    }

    /// As `new`, with this choice of moments for refreshing.
    pub(crate) async fn drawing(entropy: Always) -> Self {
        let world = Self::cold(Issuer::answer, &Limits::default(), entropy);
        within_a_minute(world.verifier.until_usable()).await;
        world
    }

    /// Makes the endpoint publish what the issuer has now.
    pub(crate) fn publish(&self) {
        self.script.answer(self.issuer.answer());
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Verified, Reason> {
        self.verifier.verify(token).await.map_err(|rejection| rejection.reason())
    }

    /// Verifies without waiting for anything.
    pub(crate) fn verify_at_once(&self, token: &str) -> Result<Verified, Rejection> {
        at_once(self.verifier.verify(token))
    }

    /// Ends the refresh, wherever it is.
    pub(crate) fn stop_refreshing(&self) {
        self.refresh.abort();
    }
}

pub(crate) fn spawn_refresh(verifier: &Verifier) -> AbortHandle {
    let verifier = verifier.clone();
    tokio::spawn(async move { verifier.run().await }).abort_handle()
}

/// What `future` gives without waiting.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waited"),
    }
}

pub(crate) async fn within_a_minute<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_mins(1), future).await.expect("it took more than a minute")
}

/// Lets a while pass, and everything happen that is due in it.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// `token` with its header naming another key; the signature no longer fits.
pub(crate) fn under_key(token: &str, kid: &str) -> String {
    let header = json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid }).to_string();
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

/// A verifier that trusts these, each with the endpoint of its keys, and refreshes until the test ends.
pub(crate) fn trusting<'a>(
    clock: Arc<dyn verifier::Clock>,
    parties: impl IntoIterator<Item = (verifier::Trust, &'a Script)>,
) -> Verifier {
    let mut parties = parties.into_iter();
    let (first, script) = parties.next().expect("somebody is trusted");
    let builder = Verifier::builder(first).script(script.clone());
    let builder =
        parties.fold(builder, |builder, (trust, script)| builder.trust(trust).script(script.clone()));
    let verifier = builder.clock(clock).entropy(Arc::new(Always(0))).build().unwrap();
    spawn_refresh(&verifier);
    verifier
}
