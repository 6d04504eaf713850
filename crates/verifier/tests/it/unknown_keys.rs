//! Tokens under keys that are not at hand: honest ones get in soon, garbage costs the issuer next to nothing, and
//! nobody else notices.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use verifier::{
    Limits, Reason,
    testing::{Answer, Forgery},
};

use crate::support::{Always, World, pass, under_key, within_a_minute};

#[tokio::test(start_paused = true)]
async fn the_first_token_under_a_new_key_waits_for_it_and_is_accepted() {
    let world = World::new().await;
    world.issuer.rotate();
    let slow = Answer::Slow(Duration::from_millis(900), Box::new(world.issuer.answer()));
    world.script.answer(slow);
    let mut burst = JoinSet::new();
    for _ in 0..50 {
        let (verifier, token) = (world.verifier.clone(), world.issuer.token().mint());
        burst.spawn(async move { verifier.verify(&token).await.is_ok() });
    }
    assert!(within_a_minute(burst.join_all()).await.into_iter().all(|accepted| accepted));
    assert_eq!(world.script.requests(), 2, "all of them waited for one fetch");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_a_second() {
    let world = World::new().await;
    world.script.answer(Answer::Hang);
    let start = Instant::now();
    let token = under_key(&world.issuer.token().mint(), "unknown");
    assert_eq!(world.verify(&token).await.unwrap_err(), Reason::UnknownKey);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_hanging_fetch_does_not_hold_up_known_keys() {
    let world = World::new().await;
    world.script.answer(Answer::Hang);
    let (verifier, unknown) = (world.verifier.clone(), under_key(&world.issuer.token().mint(), "unknown"));
    let waiting = tokio::spawn(async move { verifier.verify(&unknown).await.is_err() });
    within_a_minute(world.script.until_requests(2)).await;
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
    assert!(waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn garbage_that_would_be_refused_anyway_is_not_asked_about() {
    let world = World::new().await;
    for forgery in [Forgery::Expired, Forgery::NotYetValid, Forgery::WrongAudience, Forgery::WrongIssuer] {
        let token = under_key(&world.issuer.forge(forgery), "unknown");
        assert_eq!(world.verify_at_once(&token).unwrap_err().reason(), forgery.reason());
    }
    pass(60).await;
    assert_eq!(world.script.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_random_keys_costs_few_fetches_and_harms_no_valid_token() {
    let world = World::new().await;
    let garbage = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    let valid = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    let mut flood = JoinSet::new();
    for second in 0..120 {
        for number in 0..100 {
            let verifier = world.verifier.clone();
            let token = under_key(&garbage, &format!("{second}-{number}"));
            flood.spawn(async move { verifier.verify(&token).await.unwrap_err().reason() });
        }
        tokio::task::yield_now().await;
        world.verify_at_once(&valid).unwrap();
        pass(1).await;
        world.verify_at_once(&valid).unwrap();
    }
    assert!(within_a_minute(flood.join_all()).await.into_iter().all(|reason| reason == Reason::UnknownKey));
    let fetches = world.script.requests() - 1;
    assert!((4..=5).contains(&fetches), "{fetches}: one in thirty seconds, since each is in vain");
}

#[tokio::test(start_paused = true)]
async fn a_new_key_gets_in_during_a_flood() {
    let world = World::new().await;
    let garbage = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    let flood = {
        let verifier = world.verifier.clone();
        tokio::spawn(async move {
            for number in 0_u64.. {
                let _ = verifier.verify(&under_key(&garbage, &number.to_string())).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
    };
    pass(25).await;
    world.issuer.rotate();
    world.publish();
    let honest = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    let start = Instant::now();
    while world.verify(&honest).await.is_err() {
        pass(1).await;
    }
    assert!(start.elapsed() <= Duration::from_secs(11), "{:?}", start.elapsed());
    flood.abort();
}

#[tokio::test(start_paused = true)]
async fn a_key_found_unknown_is_looked_for_again_after_thirty_seconds() {
    let world = World::new().await;
    world.issuer.rotate();
    let honest = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    // Signed before the key was published, which an issuer in order never does.
    assert_eq!(world.verify(&honest).await.unwrap_err(), Reason::UnknownKey);
    world.publish();
    assert_eq!(world.verify_at_once(&honest).unwrap_err().reason(), Reason::UnknownKey);
    pass(29).await;
    assert_eq!(world.verify_at_once(&honest).unwrap_err().reason(), Reason::UnknownKey);
    assert_eq!(world.script.requests(), 2);
    pass(2).await;
    assert_eq!(world.script.requests(), 3);
    world.verify_at_once(&honest).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_fetch_older_than_the_question_is_not_its_answer() {
    let world = World::new().await;
    let old = world.issuer.answer();
    world.script.answer(Answer::Slow(Duration::from_millis(400), Box::new(old)));
    world.script.until_requests(2).await;
    // The refresh has asked for the old set by the time the new one is published.
    world.issuer.rotate();
    world.publish();
    world.verify(&world.issuer.token().mint()).await.unwrap();
    assert_eq!(world.script.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn more_than_256_do_not_wait() {
    let world = World::new().await;
    world.script.answer(Answer::Hang);
    let garbage = world.issuer.token().mint();
    let mut waiting = JoinSet::new();
    for number in 0..256 {
        let (verifier, token) = (world.verifier.clone(), under_key(&garbage, &number.to_string()));
        waiting.spawn(async move { verifier.verify(&token).await.unwrap_err().reason() });
    }
    within_a_minute(world.script.until_requests(2)).await;
    let refused = world.verify_at_once(&under_key(&garbage, "one too many")).unwrap_err();
    assert_eq!((refused.reason(), refused.is_unavailable()), (Reason::UnknownKey, false));
    assert_eq!(within_a_minute(waiting.join_all()).await, [Reason::UnknownKey; 256]);
}

#[tokio::test(start_paused = true)]
async fn when_the_issuer_fails_an_unknown_key_is_401_and_not_503() {
    let world = World::new().await;
    world.script.answer(Answer::Status(500));
    let token = under_key(&world.issuer.token().mint(), "unknown");
    assert_eq!(world.verify(&token).await.unwrap_err(), Reason::UnknownKey);
    // Backing off: no fetch is to be waited for.
    assert_eq!(world.verify_at_once(&token).unwrap_err().reason(), Reason::UnknownKey);
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn waiting_can_be_forbidden() {
    let limits = Limits { waiters: 0, ..Limits::default() };
    let world = World::cold(verifier::testing::Issuer::answer, &limits, Always(0));
    within_a_minute(world.verifier.until_usable()).await;
    let token = under_key(&world.issuer.token().mint(), "unknown");
    assert_eq!(world.verify_at_once(&token).unwrap_err().reason(), Reason::UnknownKey);
}
