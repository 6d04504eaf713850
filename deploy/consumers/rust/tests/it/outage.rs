//! An issuer that is away, slow or talks nonsense.

use verifier::testing::{Answer, Forgery, Issuer};

use crate::{
    consumer::{Consumer, Kind},
    for_each_consumer,
};

for_each_consumer!(known_keys_go_on_working, without_keys_nothing_can_be_judged);

async fn known_keys_go_on_working(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    let ways =
        [Answer::Close, Answer::Status(500), Answer::Html, Answer::Garbage, Answer::Empty, Answer::Hang];
    for way in ways {
        consumer.script.answer(way.clone());
        // Three more requests: by then the keys' time is over, and the failures are known.
        let seen = consumer.script.requests();
        let asked = if way == Answer::Hang { 1 } else { 3 };
        let asking = consumer.script.until_requests(seen + asked);
        tokio::time::timeout(std::time::Duration::from_secs(30), asking).await.expect("it goes on asking");
        assert_eq!(consumer.status(&consumer.issuer.token().mint()).await, 200, "{way:?}");
        assert_eq!(consumer.status(&consumer.issuer.forge(Forgery::Tampered)).await, 401, "{way:?}");
        let unknown = consumer.issuer.token().header("kid", "nobody".into()).mint();
        assert_eq!(consumer.status(&unknown).await, 401, "{way:?}");
    }
    consumer.issuer.rotate();
    consumer.publish();
    consumer.until_status(&consumer.issuer.token().mint(), 200).await;
}

async fn without_keys_nothing_can_be_judged(kind: Kind) {
    let Some(consumer) = Consumer::start_with(kind, |_: &Issuer| Answer::Status(503)).await else { return };
    assert_eq!(consumer.get("/livez", &[]).await.status(), 200);
    let response = consumer.whoami(&consumer.issuer.token().mint()).await;
    assert_eq!(response.status(), 503);
    let wait = response.headers().get("retry-after").expect("when to try again").to_str().unwrap();
    assert!(wait.parse::<u32>().unwrap() >= 1);
    assert_eq!(consumer.status("garbage").await, 401);
    assert_eq!(consumer.get("/whoami", &[]).await.status(), 401);

    consumer.publish();
    consumer.until_status(&consumer.issuer.token().mint(), 200).await;
}
