//! The issuer is down: keys serve on, for a day; then the service says that it is its own fault, but not to forgers.

use std::time::Duration;

use jiff::SignedDuration;
use verifier::{
    HealthReason, Limits, Reason,
    testing::{Answer, Forgery, Issuer},
};

use crate::support::{Always, World, pass, under_key};

const HOUR: u64 = 60 * 60;

/// A world whose issuer failed so many seconds ago, right after its keys were fetched.
async fn world_without_issuer_for(seconds: u64) -> World {
    let world = World::drawing(Always(255)).await;
    world.script.answer(Answer::Status(503));
    pass(seconds).await;
    world
}

#[tokio::test(start_paused = true)]
async fn keys_serve_for_a_day_after_the_last_success() {
    let world = world_without_issuer_for(24 * HOUR - 1).await;
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
    let health = world.verifier.health();
    assert!(health.usable && health.key_set_age.unwrap() > Duration::from_hours(23), "{health:?}");
    assert!(matches!(health.reasons[..], [HealthReason::FetchFailing { .. }]), "{health:?}");
}

#[tokio::test(start_paused = true)]
async fn then_the_answer_is_503_with_a_time_to_retry() {
    let world = world_without_issuer_for(24 * HOUR + 1).await;
    let rejection = world.verifier.verify(&world.issuer.token().mint()).await.unwrap_err();
    assert!(rejection.is_unavailable());
    let retry_after = rejection.retry_after().unwrap();
    assert!((1..=60).contains(&retry_after.as_secs()) && retry_after.subsec_nanos() == 0, "{retry_after:?}");
    let health = world.verifier.health();
    assert!(!health.usable && health.reasons.contains(&HealthReason::PastStaleLimit), "{health:?}");
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_without_a_new_set_counts_as_success() {
    let world = World::drawing(Always(255)).await;
    pass(23 * HOUR).await;
    assert!(world.script.unmodified() > 0 && world.script.requests() == world.script.unmodified() + 1);
    world.script.answer(Answer::Status(503));
    pass(23 * HOUR).await;
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_first_fetch_after_an_outage_ends_it() {
    let world = world_without_issuer_for(30 * HOUR).await;
    assert_eq!(world.verify(&world.issuer.token().mint()).await.unwrap_err(), Reason::Unavailable);
    world.publish();
    pass(60).await;
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
    assert_eq!(world.verifier.health().reasons, []);
}

#[tokio::test(start_paused = true)]
async fn a_forged_token_stays_401_whatever_the_state_of_the_keys() {
    let too_old = world_without_issuer_for(25 * HOUR).await;
    let never_loaded = World::cold(|_| Answer::Status(503), &Limits::default(), Always(0));
    for world in [too_old, never_loaded] {
        let shown = [Forgery::WrongKey, Forgery::Tampered];
        for forgery in Forgery::ALL.into_iter().filter(|forgery| !shown.contains(forgery)) {
            let rejection = world.verify_at_once(&world.issuer.forge(forgery)).unwrap_err();
            assert_eq!(rejection.reason(), forgery.reason(), "{forgery:?}");
            assert!(!rejection.is_unavailable());
        }
        // Whether these are forged takes a key to tell.
        for forgery in shown {
            assert_eq!(world.verify(&world.issuer.forge(forgery)).await.unwrap_err(), Reason::Unavailable);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_first_fetch_a_token_waits_a_second_and_is_then_503() {
    let world = World::cold(|_| Answer::Hang, &Limits::default(), Always(0));
    let start = tokio::time::Instant::now();
    let rejection = world.verifier.verify(&world.issuer.token().mint()).await.unwrap_err();
    assert!(rejection.is_unavailable() && rejection.retry_after().is_some());
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    let unknown = under_key(&world.issuer.token().mint(), "unknown");
    assert_eq!(world.verify(&unknown).await.unwrap_err(), Reason::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_recovers_within_the_wait_is_not_noticed() {
    let slow = |issuer: &Issuer| Answer::Slow(Duration::from_millis(999), Box::new(issuer.answer()));
    let world = World::cold(slow, &Limits::default(), Always(0));
    world.verifier.verify(&world.issuer.token().mint()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_told_by_the_wall_clock_which_goes_on_while_a_machine_sleeps() {
    use std::sync::Arc;
    use verifier::{
        Clock, Verifier,
        testing::{Script, TestClock},
    };
    let clock = Arc::new(TestClock::default());
    let issuer = Issuer::new(crate::support::ISSUER, clock.clone());
    let script = Script::new(issuer.answer());
    let builder = Verifier::builder(issuer.trust("users")).clock(clock.clone()).script(script.clone());
    let verifier = builder.build().unwrap();
    let refresh = crate::support::spawn_refresh(&verifier);
    verifier.until_usable().await;

    clock.advance(Duration::from_hours(25));
    assert!(!verifier.health().usable);
    verifier.verify(&issuer.token().mint()).await.unwrap();
    assert_eq!(script.requests(), 2, "the first token after waking had them fetched");

    clock.set(clock.now() - SignedDuration::from_hours(48));
    assert_eq!(verifier.health().key_set_age, Some(Duration::ZERO), "a clock set back makes nothing older");
    refresh.abort();
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_a_slow_or_dead_endpoint_cost_no_valid_request_and_no_wait() {
    let world = World::drawing(Always(0)).await;
    let keys = || Box::new(world.issuer.answer());
    let troubles = [
        Answer::Hang,
        Answer::Slow(Duration::from_secs(10), keys()),
        Answer::Slow(Duration::from_millis(2900), Box::new(Answer::Status(502))),
        Answer::Close,
        Answer::Stall,
        Answer::Status(500),
        Answer::Html,
        Answer::Garbage,
        Answer::Huge,
        Answer::Redirect("http://127.0.0.1/".to_owned()),
    ];
    let tokens: Vec<_> =
        (0..16).map(|_| world.issuer.token().expires_in(Duration::from_hours(1)).mint()).collect();
    for trouble in troubles {
        world.script.answer(trouble);
        for second in 0..60 {
            // Somebody's garbage does what it can to make the verifier ask.
            let (verifier, unknown) =
                (world.verifier.clone(), under_key(&tokens[0], &format!("unknown {second}")));
            let garbage = tokio::spawn(async move { verifier.verify(&unknown).await.map(|_| ()) });
            tokio::time::sleep(Duration::from_millis(300)).await;
            for token in &tokens {
                let verdict = world.verifier.verify_now(token).expect("nothing to wait for");
                assert!(verdict.is_ok(), "{verdict:?}");
            }
            tokio::time::sleep(Duration::from_millis(700)).await;
            drop(garbage);
        }
    }
    let counters = world.verifier.counters();
    assert_eq!(counters.verified, 10 * 60 * 16);
    assert_eq!(counters.rejected(Reason::Unavailable), 0);
    assert!(counters.fetch_failures > 10 && counters.fetches == counters.fetch_failures + 1, "{counters:?}");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_is_given_up_after_three_seconds() {
    let world = World::cold(|_| Answer::Hang, &Limits::default(), Always(0));
    world.script.until_requests(1).await;
    tokio::time::sleep(Duration::from_millis(2999)).await;
    assert_eq!(world.verifier.counters().fetch_failures, 0);
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(world.verifier.counters().fetch_failures, 1);
}
