//! The key endpoint over real HTTP, in real time.

use std::{sync::Arc, time::Duration};

use identity::SystemClock;
use tokio::{
    net::{TcpListener, TcpSocket},
    task::AbortHandle,
    time::timeout,
};
use verifier::{
    FetchFailure, HealthReason, Limits, SetFault, Verifier,
    testing::{Answer, Issuer, JwksServer, Script},
};

use crate::support::{ISSUER, spawn_refresh, within_a_minute};

/// A verifier that fetches from this URL, with pauses short enough for a test.
fn verifier_at(url: verifier::Url, fetch_timeout: Duration) -> (Issuer, Verifier, AbortHandle) {
    let issuer = Issuer::new(ISSUER, Arc::new(SystemClock));
    let limits = Limits {
        fetch_timeout,
        connect_timeout: fetch_timeout,
        ttl_least: Duration::from_millis(100),
        back_off_least: Duration::from_millis(10),
        back_off_most: Duration::from_millis(20),
        ..Limits::default()
    };
    let verifier = Verifier::builder(issuer.trust_at("users", url)).limits(limits).build().unwrap();
    let refresh = spawn_refresh(&verifier);
    (issuer, verifier, refresh)
}

fn answer() -> Answer {
    Issuer::new(ISSUER, Arc::new(SystemClock)).answer()
}

/// How fetching fails for good from an endpoint that answers this way.
async fn failure(answer: Answer) -> FetchFailure {
    let patience = match answer {
        Answer::Hang | Answer::Stall => Duration::from_millis(100),
        _ => Duration::from_secs(30),
    };
    let script = Script::new(answer);
    let server = JwksServer::start(script.clone()).await;
    let (_, verifier, refresh) = verifier_at(server.url(), patience);
    // By the time of the second request the first has been judged.
    within_a_minute(script.until_requests(2)).await;
    refresh.abort();
    match verifier.health().reasons[..] {
        [HealthReason::NeverLoaded, HealthReason::FetchFailing { failure, .. }, ..] => failure,
        ref other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_key_set_is_fetched_and_tokens_are_verified_with_it() {
    let script = Script::new(answer());
    let server = JwksServer::start(script.clone()).await;
    let (issuer, verifier, refresh) = verifier_at(server.url(), Duration::from_secs(30));
    within_a_minute(verifier.until_usable()).await;
    verifier.verify(&issuer.token().mint()).await.unwrap();
    assert_eq!(script.requests(), 1);
    refresh.abort();
}

#[tokio::test]
async fn an_unchanged_set_is_not_sent_again() {
    let script = Script::new(answer().max_age(0));
    let server = JwksServer::start(script.clone()).await;
    let (issuer, verifier, refresh) = verifier_at(server.url(), Duration::from_secs(30));
    within_a_minute(script.until_requests(3)).await;
    assert!(script.unmodified() >= 1);
    verifier.verify(&issuer.token().mint()).await.unwrap();
    assert_eq!(verifier.counters().fetch_failures, 0);
    refresh.abort();
}

#[tokio::test]
async fn a_new_key_is_fetched_when_first_seen() {
    let script = Script::new(answer());
    let server = JwksServer::start(script.clone()).await;
    let (issuer, verifier, refresh) = verifier_at(server.url(), Duration::from_secs(30));
    within_a_minute(verifier.until_usable()).await;
    issuer.rotate();
    script.answer(issuer.answer());
    verifier.verify(&issuer.token().mint()).await.unwrap();
    assert_eq!(script.requests(), 2);
    refresh.abort();
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Script::new(answer());
    let server = JwksServer::start(elsewhere.clone()).await;
    assert_eq!(failure(Answer::Redirect(server.url().into())).await, FetchFailure::Redirected);
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn a_body_of_unannounced_length_is_read_up_to_the_limit_only() {
    assert_eq!(failure(Answer::Huge).await, FetchFailure::Refused(SetFault::TooLong));
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_given_up() {
    assert_eq!(failure(Answer::Hang).await, FetchFailure::TimedOut);
}

#[tokio::test]
async fn an_endpoint_that_stalls_in_the_middle_is_given_up() {
    assert_eq!(failure(Answer::Stall).await, FetchFailure::TimedOut);
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_failure() {
    assert_eq!(failure(Answer::Close).await, FetchFailure::Unreachable);
}

#[tokio::test]
async fn what_is_not_a_key_set_is_a_failure() {
    assert_eq!(failure(Answer::Html).await, FetchFailure::Refused(SetFault::NotAKeySet));
    assert_eq!(failure(Answer::Garbage).await, FetchFailure::Refused(SetFault::NotAKeySet));
    assert_eq!(failure(Answer::Empty).await, FetchFailure::Refused(SetFault::NoUsableKey));
    assert_eq!(failure(Answer::Status(500)).await, FetchFailure::Status(500));
    assert_eq!(failure(Answer::Status(304)).await, FetchFailure::Status(304));
}

#[tokio::test]
async fn a_closed_port_is_a_failure_that_a_token_does_not_wait_for() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let (issuer, verifier, refresh) = verifier_at(url, Duration::from_secs(30));
    let rejection = within_a_minute(verifier.verify(&issuer.token().mint())).await.unwrap_err();
    assert!(rejection.is_unavailable());
    assert!(verifier.counters().fetch_failures >= 1);
    refresh.abort();
}

/// A port whose queue of connections is full, so that the next one is not even refused.
#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(connection) =
        timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address)).await
    {
        queued.push(connection.unwrap());
        assert!(queued.len() < 64, "the queue has no end");
    }

    let issuer = Issuer::new(ISSUER, Arc::new(SystemClock));
    let trust = issuer.trust_at("users", format!("http://{address}/jwks").parse().unwrap());
    let limits = Limits {
        connect_timeout: Duration::from_millis(50),
        fetch_timeout: Duration::from_secs(30),
        ..Limits::default()
    };
    let verifier = Verifier::builder(trust).limits(limits).build().unwrap();
    let refresh = spawn_refresh(&verifier);
    let failed = async {
        while verifier.counters().fetch_failures == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), failed).await.expect("long before the fetch would be given up");
    let timed_out = |reason: &HealthReason| {
        matches!(reason, HealthReason::FetchFailing { failure: FetchFailure::TimedOut, .. })
    };
    assert!(verifier.health().reasons.iter().any(timed_out), "{:?}", verifier.health());
    refresh.abort();
}

#[test]
fn the_numbers_are_those_that_are_promised() {
    let limits = Limits::default();
    assert_eq!(
        (limits.connect_timeout, limits.fetch_timeout),
        (Duration::from_secs(1), Duration::from_secs(3))
    );
    assert_eq!((limits.set_bytes, limits.set_keys), (64 * 1024, 32));
    assert_eq!((limits.unknown_kids, limits.unknown_kid_lifetime), (1024, Duration::from_mins(1)));
    assert_eq!((limits.waiters, limits.wait), (256, Duration::from_secs(1)));
}
