//! Several issuers, each trusted for itself: with its own keys, audience and algorithms, and its own bad days.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::task::JoinSet;
use verifier::{
    Algorithm, HealthReason, Reason, Verifier,
    testing::{Answer, Issuer, Script, TokenBuilder, TokioClock},
};

use crate::support::{at_once, pass, trusting, under_key, within_a_minute};

/// Two issuers, and a service that one of them calls `users` and the other `kunden`.
struct Two {
    ada: Issuer,
    bob: Issuer,
    scripts: [Script; 2],
    verifier: Verifier,
}

impl Two {
    /// Both have been asked for their keys and have answered as told.
    async fn answering(algorithm: Algorithm, answers: impl FnOnce(&Issuer, &Issuer) -> [Answer; 2]) -> Self {
        let clock = Arc::new(TokioClock::default());
        let ada = Issuer::new("https://ada.example", clock.clone());
        let bob = Issuer::signing_with(algorithm, "https://bob.example", clock.clone());
        // So that they do not share a key where they share an algorithm.
        bob.rotate();
        bob.withdraw_old();
        let scripts = answers(&ada, &bob).map(Script::new);
        let trusts = [ada.trust("users"), bob.trust("kunden")];
        let verifier = trusting(clock, trusts.into_iter().zip(&scripts));
        for script in &scripts {
            within_a_minute(script.until_requests(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        Self { ada, bob, scripts, verifier }
    }

    async fn new() -> Self {
        Self::answering(Algorithm::Rs256, |ada, bob| [ada.answer(), bob.answer()]).await
    }

    fn ada_token(&self) -> TokenBuilder {
        self.ada.token().audience(["users"]).expires_in(Duration::from_hours(1))
    }

    fn bob_token(&self) -> TokenBuilder {
        self.bob.token().audience(["kunden"]).expires_in(Duration::from_hours(1))
    }

    /// How often each was asked for its keys.
    fn requests(&self) -> [u64; 2] {
        [self.scripts[0].requests(), self.scripts[1].requests()]
    }

    /// What becomes of a token that nothing is waited for.
    fn at_once(&self, token: &str) -> Option<Reason> {
        at_once(self.verifier.verify(token)).err().map(|rejection| rejection.reason())
    }

    async fn verify(&self, token: &str) -> Option<Reason> {
        self.verifier.verify(token).await.err().map(|rejection| rejection.reason())
    }
}

#[tokio::test(start_paused = true)]
async fn each_has_its_own_keys_audience_and_algorithm_under_one_key_id() {
    let renamed = |issuer: &Issuer| {
        let mut set = serde_json::to_value(issuer.key_set()).unwrap();
        set["keys"][0]["kid"] = json!("1");
        Answer::keys(set.to_string())
    };
    for algorithm in Algorithm::ALL {
        let two = Two::answering(algorithm, |ada, bob| [renamed(ada), renamed(bob)]).await;
        let (ada, bob) =
            (two.ada_token().header("kid", json!("1")), two.bob_token().header("kid", json!("1")));
        assert_eq!((two.at_once(&ada.mint()), two.at_once(&bob.mint())), (None, None), "{algorithm}");

        let posing = two.ada_token().header("kid", json!("1")).claim("iss", json!(two.bob.url()));
        let expected = if algorithm == Algorithm::Rs256 { Reason::Signature } else { Reason::Algorithm };
        assert_eq!(two.at_once(&posing.mint()), Some(expected), "{algorithm}");
        let mixed_up = two.bob_token().header("kid", json!("1")).audience(["users"]);
        assert_eq!(two.at_once(&mixed_up.mint()), Some(Reason::Audience), "{algorithm}");
        assert_eq!(two.requests(), [1, 1]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_speaks_for_its_own_issuer_only() {
    let two = Two::new().await;
    assert_eq!(two.at_once(&two.ada_token().signed_by(&two.bob).mint()), Some(Reason::Signature));
    let under_its_name = two.ada_token().signed_by(&two.bob).header("kid", json!(two.bob.kid()));
    assert_eq!(two.verify(&under_its_name.mint()).await, Some(Reason::UnknownKey));
    assert_eq!(two.requests(), [2, 1], "the issuer that was named was asked, and not the other");
}

#[tokio::test(start_paused = true)]
async fn a_token_of_nobody_costs_no_fetch() {
    let two = Two::new().await;
    for issuer in ["https://eve.example", "https://ada.example/", "https://ADA.example", ""] {
        let token = two.ada_token().claim("iss", json!(issuer)).mint();
        assert_eq!(two.at_once(&token), Some(Reason::Issuer), "{issuer}");
        assert_eq!(two.at_once(&under_key(&token, "unknown")), Some(Reason::Issuer), "{issuer}");
    }
    assert_eq!(two.requests(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn while_one_was_never_reached_the_other_is_trusted() {
    let two = Two::answering(Algorithm::Es256, |ada, _| [ada.answer(), Answer::Status(503)]).await;
    assert_eq!(two.at_once(&two.ada_token().mint()), None);
    assert_eq!(two.verify(&two.bob_token().mint()).await, Some(Reason::Unavailable));
    let health = two.verifier.health();
    assert_eq!((health.usable, health.keys, health.key_set_age), (false, 1, None));
    assert_eq!(health.issuers.iter().map(|issuer| issuer.usable).collect::<Vec<_>>(), [true, false]);
    assert!(health.issuers[0].reasons.is_empty(), "{health:?}");
    assert!(health.issuers[1].reasons.contains(&HealthReason::NeverLoaded), "{health:?}");
}

#[tokio::test(start_paused = true)]
async fn the_outage_of_one_does_not_touch_the_other() {
    let two = Two::new().await;
    two.scripts[1].answer(Answer::Hang);
    for _ in 0..25 {
        pass(60 * 60).await;
        assert_eq!(two.at_once(&two.ada_token().mint()), None);
    }
    assert_eq!(two.verify(&two.bob_token().mint()).await, Some(Reason::Unavailable));
    assert_eq!(two.verifier.health().issuers[0].reasons, []);
    assert!(two.verifier.health().issuers[1].reasons.contains(&HealthReason::PastStaleLimit));
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_from_its_own_issuer() {
    let two = Two::new().await;
    two.bob.rotate();
    two.scripts[1].answer(two.bob.answer());
    assert_eq!(two.verify(&two.bob_token().mint()).await, None);
    assert_eq!(two.requests(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_in_the_name_of_one_does_not_use_up_what_the_other_may_do() {
    let two = Two::new().await;
    two.scripts[0].answer(Answer::Hang);
    let garbage = two.ada_token().mint();
    let mut flood = JoinSet::new();
    for number in 0..1000 {
        let (verifier, token) = (two.verifier.clone(), under_key(&garbage, &number.to_string()));
        flood.spawn(async move { verifier.verify(&token).await.unwrap_err().reason() });
    }
    within_a_minute(two.scripts[0].until_requests(2)).await;
    two.bob.rotate();
    two.scripts[1].answer(two.bob.answer());
    assert_eq!(
        two.verify(&two.bob_token().mint()).await,
        None,
        "no place and no fetch of the other's was taken"
    );
    assert_eq!(two.requests(), [2, 2]);
    assert!(within_a_minute(flood.join_all()).await.into_iter().all(|reason| reason == Reason::UnknownKey));
}
