//! The log of revocations in memory, as far as it is still in force: read from the database by one task, and by any
//! number of feeds from here. A feed has a place in it and no queue of its own, so that a slow one costs nothing.
//! Where next: `feed`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chassis::database::{Database, Result};
use identity::{Claims, Clock};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use uuid::Uuid;

use crate::{
    store::revocations::{self, End, Event},
    wake::Listener,
};

/// How often the log is read when nobody says that there is something new.
pub(crate) const POLL: Duration = Duration::from_secs(1);
/// How long reading it may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many lines are read at once.
const BATCH: i64 = 1_000;
/// How often what is over is dropped from memory.
const TIDY: Duration = Duration::from_mins(1);
/// A log that was not read for so long says nothing about now.
const FRESH: Duration = Duration::from_secs(3);

/// The end of the log, growing. Clones share it.
#[derive(Clone)]
pub(crate) struct Tail(Arc<Shared>);

struct Shared {
    database: Database,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
    /// Where the log ends; nil before it was read. Sent only when that has changed: thousands may listen.
    end: watch::Sender<End>,
}

#[derive(Default)]
struct Known {
    lines: VecDeque<Arc<Event>>,
    /// When the database last said that this is all.
    read_at: Option<Instant>,
}

/// Some lines that follow one another.
pub(crate) struct Batch {
    pub(crate) lines: Vec<Arc<Event>>,
    /// The number up to which nothing is missing.
    pub(crate) last_seq: i64,
    /// Whether that is all there is.
    pub(crate) complete: bool,
}

impl Tail {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        let end = watch::Sender::new(End { epoch: Uuid::nil(), last_seq: 0 });
        Self(Arc::new(Shared { database, clock, known: Mutex::default(), end }))
    }

    /// Tells where the log ends, whenever that changes.
    pub(crate) fn ends(&self) -> watch::Receiver<End> {
        self.0.end.subscribe()
    }

    /// Whether nothing can have been revoked without being known here for more than a few seconds.
    pub(crate) fn is_fresh(&self) -> bool {
        self.known().read_at.is_some_and(|read_at| read_at.elapsed() < FRESH)
    }

    /// Whether a token was revoked, by what the database says at this moment. Its key apart: that verifying tells.
    pub(crate) async fn is_revoked(&self, claims: &Claims) -> Result<bool> {
        revocations::concern(&mut self.0.database.read().await?, claims).await
    }

    /// Up to `most` lines that follow number `seq`.
    pub(crate) fn after(&self, seq: i64, most: usize) -> Batch {
        let known = self.known();
        let end = *self.0.end.borrow();
        let begin = known.lines.partition_point(|line| line.seq <= seq);
        let lines: Vec<_> = known.lines.range(begin..).take(most).cloned().collect();
        let complete = begin + lines.len() == known.lines.len();
        let last_seq = lines.last().filter(|_| !complete).map_or(end.last_seq, |line| line.seq);
        Batch { lines, last_seq, complete }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the log whenever somebody says that there is something new, and every `poll`, until it is dropped.
    pub(crate) async fn follow(&self, mut wakes: Listener, poll: Duration) {
        let (mut polls, mut failing) = (interval(poll), false);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tidied = Instant::now();
        loop {
            tokio::select! {
                _ = polls.tick() => {}
                () = wakes.woken() => {}
            }
            let outcome = timeout(PATIENCE, self.catch_up()).await;
            let failure = match &outcome {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("the database does not answer".to_owned()),
            };
            if let Some(error) = failure.as_ref().filter(|_| !failing) {
                tracing::warn!(%error, "the log of revocations cannot be read; trying again every second");
            }
            failing = failure.is_some();
            if tidied.elapsed() > TIDY {
                self.forget();
                tidied = Instant::now();
            }
        }
    }

    /// Reads what is new in the log.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        let Shared { database, clock, .. } = &*self.0;
        let mut connection = database.read().await?;
        let end = revocations::end(&mut connection).await?;
        let held = *self.0.end.borrow();
        // A database that was restored from a backup counts numbers twice: then everything is read again.
        let is_another = held.epoch != end.epoch || held.last_seq > end.last_seq;
        let mut last_seq = if is_another { 0 } else { held.last_seq };
        let mut fresh = Vec::new();
        while last_seq < end.last_seq {
            let lines = revocations::after(&mut connection, last_seq, clock.now(), BATCH).await?;
            let Some(last) = lines.last() else { break };
            last_seq = last.seq;
            fresh.extend(lines);
        }
        let mut known = self.known();
        if is_another {
            known.lines.clear();
        }
        known.lines.extend(fresh.into_iter().map(Arc::new));
        // What follows the last line was forgotten already.
        let end = End { last_seq: last_seq.max(end.last_seq), ..end };
        known.read_at = Some(Instant::now());
        // Under the lock, so that nobody sees lines without their end or the other way round.
        self.0.end.send_if_modified(|held| std::mem::replace(held, end) != end);
        Ok(())
    }

    fn forget(&self) {
        let now = self.0.clock.now().as_second();
        self.known().lines.retain(|line| line.revocation.forget_at > now);
    }
}
