//! The stages of an end, on a clock that the test holds.

use std::sync::{Arc, Mutex};

use tokio::{sync::oneshot, time::Instant};

use super::*;

/// What happened, in order, with the seconds since the beginning.
#[derive(Clone)]
struct Diary(Arc<Mutex<Vec<(&'static str, u64)>>>, Instant);

impl Diary {
    fn new() -> Self {
        Self(Arc::default(), Instant::now())
    }

    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push((what, self.1.elapsed().as_secs()));
    }

    fn entries(&self) -> Vec<(&'static str, u64)> {
        self.0.lock().unwrap().clone()
    }
}

/// A service whose requests take `request` to finish and whose background work takes `work`.
fn life(shutdown: &Shutdown, health: &Health, diary: &Diary, request: u64, work: u64) -> Lifecycle<'static> {
    let (server, worker, last) = (diary.clone(), diary.clone(), diary.clone());
    Lifecycle::new(health, Duration::from_secs(2), shutdown.clone())
        .server(move |stop| async move {
            stop.triggered().await;
            server.note("stops listening");
            tokio::time::sleep(Duration::from_secs(request)).await;
            server.note("has answered");
            Ok(())
        })
        .worker(move |served| async move {
            served.triggered().await;
            worker.note("finishes work");
            tokio::time::sleep(Duration::from_secs(work)).await;
            worker.note("has worked");
        })
        .beside(std::future::pending::<()>())
        .at_last(async move { last.note("closes") })
}

#[tokio::test(start_paused = true)]
async fn everything_ends_in_order() {
    let (shutdown, health, diary) = (Shutdown::new(), Health::default(), Diary::new());
    let running = tokio::spawn(life(&shutdown, &health, &diary, 3, 1).run());
    shutdown.trigger();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert!(!health.is_ready() && diary.entries().is_empty(), "readiness goes first");
    running.await.unwrap().unwrap();
    let order =
        [("stops listening", 2), ("has answered", 5), ("finishes work", 5), ("has worked", 6), ("closes", 6)];
    assert_eq!(diary.entries(), order);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_waited_for_without_a_bound() {
    let (shutdown, health, diary) = (Shutdown::new(), Health::default(), Diary::new());
    let life = life(&shutdown, &health, &diary, 60, 60).at_last(std::future::pending());
    let began = Instant::now();
    shutdown.trigger();
    life.run().await.unwrap();
    assert_eq!(diary.entries(), [("stops listening", 2), ("finishes work", 8), ("closes", 9)]);
    assert_eq!(began.elapsed().as_secs(), 9);
}

#[tokio::test(start_paused = true)]
async fn who_hurries_does_not_wait_for_load_balancers() {
    let (shutdown, health, diary) = (Shutdown::new(), Health::default(), Diary::new());
    shutdown.hurry();
    life(&shutdown, &health, &diary, 1, 0).run().await.unwrap();
    assert_eq!(diary.entries().first(), Some(&("stops listening", 0)));
    assert_eq!(diary.entries().last(), Some(&("closes", 1)), "but for requests");

    let (shutdown, diary) = (Shutdown::new(), Diary::new());
    shutdown.abandon();
    life(&shutdown, &health, &diary, 1, 0).run().await.unwrap();
    assert_eq!(diary.1.elapsed(), Duration::ZERO, "who abandons waits for nothing");
}

#[tokio::test(start_paused = true)]
async fn when_one_server_fails_all_end() {
    let (shutdown, health, diary) = (Shutdown::new(), Health::default(), Diary::new());
    let (fail, failing) = oneshot::channel::<()>();
    let life = life(&shutdown, &health, &diary, 0, 0).server(|_| async move {
        let _ = failing.await;
        Err(io::Error::other("no port"))
    });
    let running = tokio::spawn(life.run());
    fail.send(()).unwrap();
    assert_eq!(running.await.unwrap().unwrap_err().to_string(), "no port");
    assert_eq!(diary.entries().last(), Some(&("closes", 0)));
}
