//! Whether the server answers, found out by asking it all the time on a connection of its own.
//!
//! A server goes down unnoticed for [`INTERVAL`] + [`DEADLINE`] at most, so that nobody waits a second for it.
//! The question needs neither disk nor locks: a busy server answers it, however long its statements take.

use std::{io, time::Duration};

use deadpool::managed::Pool;
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{LONGEST_IDLE, Opener};
use crate::database::{Error, Result};

/// The pause between two questions.
pub(super) const INTERVAL: Duration = Duration::from_millis(150);
/// How long the server has to answer one, with connecting if there is no connection.
pub(super) const DEADLINE: Duration = Duration::from_millis(700);

/// What is known now. Clones see the same.
#[derive(Debug, Clone)]
pub(super) struct Pulse(watch::Receiver<State>);

/// Writes what a [`Pulse`] reads.
pub(super) struct Watcher(watch::Sender<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    is_up: bool,
    era: Era,
    /// When it was last seen to be down.
    down: Option<Instant>,
}

/// A time in which the server was up all along. What was begun in one cannot be finished in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Era(u64);

impl Pulse {
    /// That of a server which has just answered.
    pub(super) fn new() -> (Self, Watcher) {
        let (sender, receiver) = watch::channel(State { is_up: true, era: Era(0), down: None });
        (Self(receiver), Watcher(sender))
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.borrow().is_up
    }

    pub(super) fn era(&self) -> Era {
        self.0.borrow().era
    }

    /// Whether the server was down since something that is `age` old began.
    pub(super) fn was_down_within(&self, age: Duration) -> bool {
        self.0.borrow().down.is_some_and(|down| down.elapsed() <= age)
    }

    /// Waits for the end of `era`.
    pub(super) async fn over(&self, era: Era) {
        let mut state = self.0.clone();
        if state.wait_for(|state| !state.is_up || state.era != era).await.is_err() {
            // Nobody asks any more: the database is being closed, and says so itself.
            std::future::pending::<()>().await;
        }
    }

    /// What `work` comes to, unless `era` ends first or has ended.
    pub(super) async fn while_up<T, E: Into<Error>>(
        &self,
        era: Era,
        work: impl Future<Output = std::result::Result<T, E>>,
    ) -> Result<T> {
        tokio::select! {
            biased;
            () = self.over(era) => Err(silent()),
            done = work => done.map_err(Into::into),
        }
    }
}

impl Watcher {
    /// Asks until dropped, at first on `connection`.
    pub(super) async fn watch(self, connection: PgConnection, options: PgConnectOptions, pool: Pool<Opener>) {
        let mut connection = Some(connection);
        loop {
            tokio::time::sleep(INTERVAL).await;
            match timeout(DEADLINE, ask(&mut connection, &options)).await {
                Ok(Ok(())) => {
                    self.is_up();
                    pool.retain(|_, metrics| metrics.last_used() < LONGEST_IDLE);
                }
                Ok(Err(error)) => {
                    connection = None;
                    self.is_down(&pool, &error);
                }
                Err(_) => {
                    connection = None;
                    self.is_down(&pool, &"no answer in time");
                }
            }
        }
    }

    fn is_up(&self) {
        let changed = self.0.send_if_modified(|state| {
            let changed = !state.is_up;
            if changed {
                *state = State { is_up: true, down: Some(Instant::now()), ..*state };
            }
            changed
        });
        if changed {
            tracing::info!("the database answers again");
        }
    }

    fn is_down(&self, pool: &Pool<Opener>, error: &dyn std::fmt::Display) {
        let changed = self.0.send_if_modified(|state| {
            let changed = state.is_up;
            if changed {
                *state = State { is_up: false, era: Era(state.era.0 + 1), down: Some(Instant::now()) };
            }
            changed
        });
        if changed {
            tracing::error!(%error, "the database does not answer");
            // What nobody uses now is of no use later.
            pool.retain(|_, _| false);
        }
    }
}

/// Asks on the connection there is; when that is lost, which may be its own fault, on a new one.
async fn ask(connection: &mut Option<PgConnection>, options: &PgConnectOptions) -> sqlx::Result<()> {
    if let Some(connection) = connection
        && connection.ping().await.is_ok()
    {
        return Ok(());
    }
    *connection = None;
    match options.connect().await {
        Ok(fresh) => *connection = Some(fresh),
        Err(sqlx::Error::Database(refusal)) if !says_that_it_is_down(refusal.code().as_deref()) => {
            // Such as too many clients: who refuses is there.
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Class 57P: starting up, shutting down, recovering from a crash.
pub(super) fn says_that_it_is_down(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("57P"))
}

/// What is said of a server that says nothing.
pub(super) fn silent() -> Error {
    Error::Unavailable(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer")))
}
