//! Which documents become the key set, and that the others leave the one in use alone.

use std::time::Duration;

use serde_json::{Value, json};
use verifier::{
    FetchFailure, HealthReason, Limits, Reason, SetFault,
    testing::{Answer, Issuer},
};

use crate::support::{Always, World, pass};

/// What becomes of a verifier that has a key set and is then served this one.
async fn after_being_served(answer: impl FnOnce(&Issuer) -> Answer) -> (World, FetchFailure) {
    let world = World::new().await;
    let token = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    world.script.answer(answer(&world.issuer));
    pass(260).await;
    let health = world.verifier.health();
    assert!(health.usable && health.keys == 1, "{health:?}");
    world.verify_at_once(&token).unwrap();
    let failure = match health.reasons[..] {
        [HealthReason::FetchFailing { failure, .. }] => failure,
        ref other => panic!("{other:?}"),
    };
    (world, failure)
}

/// The issuer's key set with a change made to its first key.
fn spoiled(issuer: &Issuer, spoil: impl FnOnce(&mut Value)) -> Answer {
    let mut set = serde_json::to_value(issuer.key_set()).unwrap();
    spoil(&mut set["keys"][0]);
    Answer::keys(set.to_string())
}

macro_rules! leaves_the_old_set {
    ($($name:ident: $answer:expr => $failure:expr;)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                let (_world, failure) = after_being_served($answer).await;
                assert_eq!(failure, $failure);
            }
        )*
    };
}

leaves_the_old_set! {
    a_private_exponent: |issuer| spoiled(issuer, |key| key["d"] = json!("AQAB"))
        => FetchFailure::Refused(SetFault::SecretPublished);
    a_prime: |issuer| spoiled(issuer, |key| key["p"] = json!("AQAB"))
        => FetchFailure::Refused(SetFault::SecretPublished);
    a_symmetric_key: |issuer| spoiled(issuer, |key| *key = json!({"kty": "oct", "k": "AAAA", "kid": "s"}))
        => FetchFailure::Refused(SetFault::SecretPublished);
    a_weak_key_alone: |issuer| spoiled(issuer, |key| key["n"] = json!("_".repeat(168)))
        => FetchFailure::Refused(SetFault::NoUsableKey);
    an_unreadable_key: |issuer| spoiled(issuer, |key| key["n"] = json!("no base64"))
        => FetchFailure::Refused(SetFault::MalformedKey);
    a_name_twice: |issuer| {
        let key = serde_json::to_value(&issuer.key_set().keys[0]).unwrap();
        Answer::keys(json!({ "keys": [key, key] }).to_string())
    } => FetchFailure::Refused(SetFault::DuplicateKid);
    no_keys: |_| Answer::Empty => FetchFailure::Refused(SetFault::NoUsableKey);
    garbage: |_| Answer::Garbage => FetchFailure::Refused(SetFault::NotAKeySet);
    html: |_| Answer::Html => FetchFailure::Refused(SetFault::NotAKeySet);
    ten_megabytes: |_| Answer::Huge => FetchFailure::Refused(SetFault::TooLong);
    an_error: |_| Answer::Status(500) => FetchFailure::Status(500);
    not_found: |_| Answer::Status(404) => FetchFailure::Status(404);
    another_success: |_| Answer::Status(204) => FetchFailure::Status(204);
    a_redirect: |_| Answer::Redirect("https://evil.example".into()) => FetchFailure::Redirected;
    a_closed_connection: |_| Answer::Close => FetchFailure::Unreachable;
    silence: |_| Answer::Hang => FetchFailure::TimedOut;
}

#[tokio::test(start_paused = true)]
async fn a_verifier_that_was_only_ever_served_private_keys_verifies_nothing() {
    let private = |issuer: &Issuer| spoiled(issuer, |key| key["d"] = json!("AQAB"));
    let world = World::cold(private, &Limits::default(), Always(0));
    assert_eq!(world.verify(&world.issuer.token().mint()).await.unwrap_err(), Reason::Unavailable);
    let health = world.verifier.health();
    assert!(!health.usable && health.keys == 0 && health.key_set_age.is_none(), "{health:?}");
    assert!(health.reasons.contains(&HealthReason::NeverLoaded), "{health:?}");
}

#[tokio::test(start_paused = true)]
async fn unmodified_without_having_asked_is_no_key_set() {
    let world = World::cold(|_| Answer::Status(304), &Limits::default(), Always(0));
    assert_eq!(world.verify(&world.issuer.token().mint()).await.unwrap_err(), Reason::Unavailable);
    assert!(!world.verifier.health().usable);
}

#[tokio::test(start_paused = true)]
async fn unmodified_since_a_version_without_a_name_is_no_confirmation() {
    let unnamed = |issuer: &Issuer| Answer::Keys { jwks: issuer.jwks(), etag: None, cache_control: None };
    let world = World::cold(unnamed, &Limits::default(), Always(0));
    world.verifier.until_usable().await;
    world.script.answer(Answer::Status(304));
    pass(215).await;
    let health = world.verifier.health();
    assert!(health.key_set_age.unwrap() > Duration::from_mins(3), "{health:?}");
    assert!(matches!(health.reasons[..], [HealthReason::FetchFailing { .. }]), "{health:?}");
}

#[tokio::test(start_paused = true)]
async fn keys_of_other_kinds_do_no_harm() {
    let world = World::new().await;
    let mut set = serde_json::to_value(world.issuer.key_set()).unwrap();
    let keys = set["keys"].as_array_mut().unwrap();
    keys.insert(0, json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "use": "sig", "kid": "ec"}));
    keys.push(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "enc", "kid": "enc"}));
    world.script.answer(Answer::keys(set.to_string()));
    pass(260).await;
    let health = world.verifier.health();
    assert!(health.usable && health.keys == 1 && health.reasons.is_empty(), "{health:?}");
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
}
