//! The end of a service as its clients see it.

use std::time::Duration;

use testkit::Issuer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::sample::{self, Sample};

const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than a test waits for anything.
const NOTICE: Duration = Duration::from_secs(5);

/// A client's connection that it would like to keep.
struct Kept(TcpStream);

impl Kept {
    async fn open(sample: &Sample) -> Self {
        Self(TcpStream::connect(&sample.base_url["http://".len()..]).await.unwrap())
    }

    /// Asks for a note; the answer's head.
    async fn read_note(&mut self) -> String {
        self.0.write_all(b"GET /notes/3 HTTP/1.1\r\nHost: notes\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        let reading = async {
            while !answer.ends_with('}') {
                let mut piece = [0; 1024];
                let read = self.0.read(&mut piece).await.unwrap();
                assert!(read > 0, "an answer, not {answer:?}");
                answer.push_str(std::str::from_utf8(&piece[..read]).unwrap());
            }
        };
        timeout(PATIENCE, reading).await.unwrap();
        answer.to_lowercase().split_once("\r\n\r\n").unwrap().0.to_owned()
    }

    async fn expect_end(mut self) {
        let read = timeout(PATIENCE, self.0.read(&mut [0; 16])).await.expect("the server hangs up");
        assert_eq!(read.unwrap(), 0);
    }
}

async fn until_unready(sample: &Sample) {
    let unready = async {
        while sample.health.is_ready() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, unready).await.unwrap();
}

#[tokio::test]
async fn load_balancers_learn_of_it_before_connections_are_refused() {
    let issuer = Issuer::start().await;
    let sample = sample::start_with(&issuer, NOTICE).await;
    let mut kept = Kept::open(&sample).await;
    assert!(!kept.read_note().await.contains("connection: close"));

    sample.shutdown.trigger();
    until_unready(&sample).await;
    let readiness = sample.client.get("/readyz").await.expect(503);
    assert_eq!(readiness.json()["reasons"]["process"][0], "shutting down");
    let last = kept.read_note().await;
    assert!(last.starts_with("http/1.1 200") && last.contains("connection: close"), "{last}");
    kept.expect_end().await;
    let mut fresh = Kept::open(&sample).await;
    assert!(fresh.read_note().await.starts_with("http/1.1 200"), "a new connection is served all the same");

    sample.shutdown.hurry();
    let base_url = sample.base_url.clone();
    timeout(NOTICE, sample.running.stop()).await.expect("a hurried end does not wait for load balancers");
    assert!(TcpStream::connect(&base_url["http://".len()..]).await.is_err());
}

#[tokio::test]
async fn a_connection_that_nobody_uses_holds_up_nothing() {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    let mut kept = Kept::open(&sample).await;
    kept.read_note().await;
    timeout(NOTICE, sample.running.stop()).await.expect("the end does not wait for a silent client");
    kept.expect_end().await;
}

#[tokio::test]
async fn an_abandoned_end_cuts_off_a_request() {
    let issuer = Issuer::start().await;
    let sample = sample::start(&issuer).await;
    let mut stuck = Kept::open(&sample).await;
    stuck.0.write_all(b"GET /notes/slow HTTP/1.1\r\nHost: notes\r\n\r\n").await.unwrap();
    sample.gate.entered.acquire().await.unwrap().forget();
    sample.shutdown.abandon();
    timeout(NOTICE, sample.running.stop()).await.expect("it is not waited for");
    stuck.expect_end().await;
}
