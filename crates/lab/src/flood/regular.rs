//! The server's regular clients: a valid request every other millisecond, whatever else goes on. Where next: `serve`.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    load::{Connection, Waiting},
};

const EVERY: Duration = Duration::from_millis(2);

/// One request and what became of it.
pub(super) struct Visit {
    pub(super) at: Instant,
    pub(super) took: Duration,
    pub(super) status: u16,
}

/// Clients at work.
pub(super) struct Regular {
    /// What they ask; `None` to go home.
    request: Arc<Mutex<Option<Vec<u8>>>>,
    at_work: JoinHandle<Result<Vec<Visit>, String>>,
}

impl Regular {
    pub(super) fn start(server: SocketAddr, request: Vec<u8>) -> Outcome<Self> {
        let connection = Connection::open(server, Waiting::Asleep)?;
        let request = Arc::new(Mutex::new(Some(request)));
        let asked = Arc::clone(&request);
        let at_work = thread::spawn(move || visits(connection, &asked).map_err(|error| error.to_string()));
        Ok(Self { request, at_work })
    }

    /// They ask this from here on.
    pub(super) fn change(&self, request: Vec<u8>) {
        *lock(&self.request) = Some(request);
    }

    /// They go home; gives all their visits.
    pub(super) fn finish(self) -> Outcome<Vec<Visit>> {
        *lock(&self.request) = None;
        Ok(self.at_work.join().map_err(|_| "the regular clients have failed")??)
    }
}

fn lock(request: &Mutex<Option<Vec<u8>>>) -> MutexGuard<'_, Option<Vec<u8>>> {
    request.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who was kept waiting past the next request's time sends that one at once, and its time counts from when it was due.
fn visits(mut connection: Connection, request: &Mutex<Option<Vec<u8>>>) -> Outcome<Vec<Visit>> {
    let mut visits = Vec::new();
    let mut due = Instant::now();
    loop {
        let Some(request) = lock(request).clone() else { return Ok(visits) };
        due += EVERY;
        let early = due.saturating_duration_since(Instant::now());
        thread::sleep(early);
        let at = if early.is_zero() { due } else { Instant::now() };
        connection.send(&request)?;
        let status = connection.receive()?;
        visits.push(Visit { at, took: at.elapsed(), status });
    }
}
