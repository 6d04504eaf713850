//! The key set stays fresh by itself, with one fetch at a time and pauses when it fails.

use std::time::Duration;

use tokio::time::Instant;
use verifier::{
    HealthReason, Limits, Reason,
    testing::{Answer, Issuer},
};

use crate::support::{Always, World, pass, spawn_refresh, within_a_minute};

/// When the second fetch comes, in seconds after the first, if the set says it lives for `max_age`.
async fn second_fetch_after(max_age: u64, entropy: Always) -> f64 {
    let world = World::cold(|issuer| issuer.answer().max_age(max_age), &Limits::default(), entropy);
    world.verifier.until_usable().await;
    let start = Instant::now();
    world.script.until_requests(2).await;
    start.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn a_set_is_refreshed_before_its_life_ends() {
    let (early, late) =
        (second_fetch_after(600, Always(0)).await, second_fetch_after(600, Always(255)).await);
    assert!((419.9..420.1).contains(&early), "{early}");
    assert!((539.9..540.1).contains(&late), "{late}");
}

#[tokio::test(start_paused = true)]
async fn a_life_is_ten_seconds_at_least_and_an_hour_at_most() {
    let (short, long) =
        (second_fetch_after(0, Always(0)).await, second_fetch_after(86_400, Always(255)).await);
    assert!((6.9..7.1).contains(&short), "{short}");
    assert!((3239.9..3240.1).contains(&long), "{long}");
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_set_is_confirmed_without_being_sent() {
    let world = World::new().await;
    let token = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    pass(215).await;
    assert_eq!((world.script.requests(), world.script.unmodified()), (2, 1));
    assert!(world.verifier.health().key_set_age.unwrap() < Duration::from_secs(10));
    world.verify_at_once(&token).unwrap();
    pass(215).await;
    assert_eq!((world.script.requests(), world.script.unmodified()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_rotation_is_picked_up_and_a_withdrawn_key_dropped() {
    let world = World::new().await;
    let old = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    world.issuer.rotate();
    world.publish();
    pass(215).await;
    let new = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    assert_eq!(world.script.requests(), 2);
    world.verify_at_once(&old).unwrap();
    world.verify_at_once(&new).unwrap();
    assert_eq!(world.verifier.health().keys, 2);

    world.issuer.withdraw_old();
    world.publish();
    pass(215).await;
    world.verify_at_once(&new).unwrap();
    assert_eq!(world.verify(&old).await.unwrap_err(), Reason::UnknownKey);
}

#[tokio::test(start_paused = true)]
async fn a_burst_at_the_first_start_makes_one_fetch() {
    let slow = |issuer: &Issuer| Answer::Slow(Duration::from_millis(500), Box::new(issuer.answer()));
    let world = World::cold(slow, &Limits::default(), Always(0));
    let token = world.issuer.token().mint();
    let mut burst = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (verifier, token) = (world.verifier.clone(), token.clone());
        burst.spawn(async move { verifier.verify(&token).await.is_ok() });
    }
    assert!(within_a_minute(burst.join_all()).await.into_iter().all(|accepted| accepted));
    assert_eq!(world.script.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn failures_are_followed_by_growing_pauses_though_nothing_was_ever_loaded() {
    let world = World::cold(|_| Answer::Status(500), &Limits::default(), Always(255));
    let start = Instant::now();
    // Pauses of 2, 4, 8, 16, 32, 60 and 60 s: fetches at 0, 2, 6, 14, 30, 62, 122 and 182 s.
    for (at, fetches) in [(1, 1), (3, 2), (7, 3), (15, 4), (31, 5), (63, 6), (121, 6), (123, 7), (183, 8)] {
        tokio::time::sleep_until(start + Duration::from_secs(at)).await;
        assert_eq!(world.script.requests(), fetches, "after {at} s");
    }
    let failing = |reason: &HealthReason| matches!(reason, HealthReason::FetchFailing { attempts: 8, .. });
    assert!(world.verifier.health().reasons.iter().any(failing));
    assert_eq!(world.verifier.counters().fetch_failures, 8);

    world.publish();
    pass(61).await;
    assert!(world.verifier.health().usable && world.verifier.health().reasons.is_empty());
}

#[tokio::test(start_paused = true)]
async fn requests_cannot_shorten_a_pause() {
    let world = World::cold(|_| Answer::Status(500), &Limits::default(), Always(255));
    let token = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    for _ in 0..60 {
        assert_eq!(world.verify(&token).await.unwrap_err(), Reason::Unavailable);
        pass(1).await;
    }
    assert!(world.script.requests() <= 6, "{}", world.script.requests());
}

#[tokio::test(start_paused = true)]
async fn of_two_refreshers_one_works_and_the_other_stands_by() {
    let world = World::new().await;
    spawn_refresh(&world.verifier);
    pass(215).await;
    assert_eq!(world.script.requests(), 2);
    world.stop_refreshing();
    pass(215).await;
    assert_eq!(world.script.requests(), 3, "the other has taken over");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_dropped_in_the_middle_releases_those_who_wait_for_it() {
    let world = World::cold(|_| Answer::Hang, &Limits::default(), Always(0));
    let (verifier, token) = (world.verifier.clone(), world.issuer.token().mint());
    let waiting = tokio::spawn(async move { (verifier.verify(&token).await.unwrap_err(), Instant::now()) });
    let start = Instant::now();
    world.script.until_requests(1).await;
    tokio::task::yield_now().await;
    world.stop_refreshing();
    let (rejection, end) = waiting.await.unwrap();
    assert_eq!((rejection.reason(), end), (Reason::Unavailable, start));
    assert!(world.verifier.health().reasons.contains(&HealthReason::NotRunning));

    world.publish();
    spawn_refresh(&world.verifier);
    within_a_minute(world.verifier.until_usable()).await;
    assert_eq!(world.verifier.health().reasons, []);
}
