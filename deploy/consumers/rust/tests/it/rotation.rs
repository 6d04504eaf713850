//! Keys that come and go while a consumer runs.

use std::time::{Duration, Instant};

use verifier::testing::Answer;

use crate::{
    consumer::{Consumer, Kind},
    for_each_consumer,
};

for_each_consumer!(rotation_needs_no_restart, unknown_keys_do_not_hammer_the_issuer, nor_one_that_is_away);

async fn rotation_needs_no_restart(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    let old = consumer.issuer.token().mint();

    consumer.issuer.rotate();
    consumer.publish();
    let new = consumer.issuer.token().mint();
    consumer.until_status(&new, 200).await;
    assert_eq!(consumer.status(&old).await, 200, "the old key is still published");

    consumer.issuer.withdraw_old();
    consumer.publish();
    consumer.until_status(&old, 401).await;
    assert_eq!(consumer.status(&new).await, 200);
}

async fn unknown_keys_do_not_hammer_the_issuer(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    ask_with_unknown_keys(&consumer).await;
}

async fn nor_one_that_is_away(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    let seen = consumer.script.requests();
    consumer.script.answer(Answer::Status(500));
    // Two, so that it has seen one fail.
    let failing = consumer.script.until_requests(seen + 2);
    tokio::time::timeout(Duration::from_secs(30), failing).await.expect("it goes on asking");
    ask_with_unknown_keys(&consumer).await;
}

async fn ask_with_unknown_keys(consumer: &Consumer) {
    let token =
        |number: usize| consumer.issuer.token().header("kid", format!("nobody-{number}").into()).mint();
    let (began, before) = (Instant::now(), consumer.script.requests());
    for number in 0..100 {
        assert_eq!(consumer.status(&token(number)).await, 401);
    }
    // At most one fetch in each cooldown of 0.2 s, and three each second beside it that are regular.
    let most = began.elapsed().as_secs_f64() * 8.0 + 3.0;
    let fetched = consumer.script.requests() - before;
    assert!(f64::from(u32::try_from(fetched).unwrap()) <= most, "{fetched} fetches, {most} at most");
}
