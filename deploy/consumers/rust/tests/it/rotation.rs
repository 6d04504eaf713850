//! Keys that come and go while a consumer runs.

use crate::{
    consumer::{Consumer, Kind},
    for_each_consumer,
};

for_each_consumer!(rotation_needs_no_restart, unknown_keys_do_not_hammer_the_issuer);

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
    let token =
        |number: usize| consumer.issuer.token().header("kid", format!("nobody-{number}").into()).mint();
    let began = std::time::Instant::now();
    let before = consumer.script.requests();
    for number in 0..100 {
        assert_eq!(consumer.status(&token(number)).await, 401);
    }
    // Two regular fetches and five asked for, at most, in each second (by the times that `consumer` sets).
    let most = began.elapsed().as_secs_f64() * 8.0 + 3.0;
    let fetched = consumer.script.requests() - before;
    assert!(f64::from(u32::try_from(fetched).unwrap()) <= most, "{fetched} fetches, {most} at most");
}
