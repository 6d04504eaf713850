//! What an issuer has revoked, kept on disk beside its keys, so that a token that was revoked stays refused by a replica
//! that starts while the issuer is down.
//!
//! One file for each issuer: the feed's own messages, as they came (what is in memory are hashes under a key that nobody
//! knows, so it could not be written). It is read once, when the verifier is built and before it serves; the feed is then
//! asked for what came later. It is written behind the feed, on a thread that may block, and never on the way of a request:
//! messages that come while the disk is slow are written together, and when too many wait they are left out and asked for
//! again when the stream begins anew. What cannot be written is counted and told; the feed goes on.
//!
//! Where the file ends in the middle of a record, or one is damaged, what precedes it is used. A file about another issuer,
//! with a damaged beginning, or that others own or may write, is ignored with a warning. Another log of the issuer takes the
//! place of the file when all of it has come.
//!
//! **Whoever can write the file can take back revocations, or add some, until the issuer is heard**, and after that too if
//! they give it a later number: its sums find damage, not forgery. They can make no token good that expired or was not signed.
//! Whoever can read it learns the names of sessions, users and tokens that were revoked, with which nothing can be
//! done. Where next: `record`, how it is written down; `reader`; `writer` and its `book`.

mod book;
mod reader;
mod record;
mod writer;

use std::{
    io, iter,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use identity::{Clock, Entropy};
use prost::Message;
use wire::auth::v1::Update;

use crate::{
    Limits, RevokeError,
    disk::{self, Outcomes},
    revocation::View,
};
use reader::Reader;
use writer::{Unwritten, Writer};

/// How many bytes of messages may wait to be written.
const MOST_WAITING: usize = 8 * 1024 * 1024;
/// A journal is no longer than that many bytes for each revocation that may be known, and some more: they need a third.
const BYTES_EACH: u64 = 192;
const BYTES_MORE: u64 = 16 * 1024 * 1024;

/// A place in the issuer's log. Numbers of another epoch mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) epoch: String,
    pub(crate) seq: u64,
}

/// Why a journal was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Doubt {
    #[error(transparent)]
    File(#[from] disk::Doubt),
    #[error("it is damaged")]
    Damaged,
    #[error("it was written by another version")]
    OtherVersion,
    #[error("it is about another issuer")]
    OtherIssuer,
    #[error(transparent)]
    NotTaken(#[from] RevokeError),
}

/// Keeps the revocations of one issuer.
pub(crate) struct Journal {
    directory: PathBuf,
    name: String,
    issuer: String,
    most: u64,
    /// What was over that long ago, in seconds, is forgotten.
    grace: u64,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the thread that writes.
    writer: Mutex<Writer>,
    pub(crate) outcomes: Outcomes,
}

#[derive(Default)]
struct State {
    /// In order.
    waiting: Vec<Update>,
    waiting_bytes: usize,
    /// Where the last message ended that was to be written.
    end: Place,
    /// Some were left out: none can be written until they are told again.
    is_behind: bool,
    is_writing: bool,
    /// Where it was read from disk to, or written, if it is us who write.
    on_disk: Option<Place>,
}

impl Journal {
    pub(crate) fn new(
        directory: PathBuf,
        issuer: &str,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (name, issuer) = (format!("{}-revocations", disk::name_for(issuer)), issuer.to_owned());
        let most = (limits.revocations as u64).saturating_mul(BYTES_EACH).saturating_add(BYTES_MORE);
        let writer = Writer::new(directory.clone(), name.clone(), issuer.clone(), most, entropy);
        Self {
            directory,
            name,
            issuer,
            most,
            // As the view forgets.
            grace: 2 * limits.leeway.as_secs(),
            clock,
            state: Mutex::default(),
            writer: Mutex::new(writer),
            outcomes: Outcomes::default(),
        }
    }

    /// Has `view` refuse what was kept, and tells where the issuer is to go on. Warns of what cannot be used.
    pub(crate) fn restore(&self, view: &View) -> Option<Place> {
        let place = match self.read(view) {
            Ok((place, is_torn)) => {
                let (issuer, directory) = (&self.issuer, self.directory.display());
                if is_torn {
                    tracing::warn!(%issuer, %directory, seq = place.seq, "the end of a journal of revocations is damaged and left out");
                }
                tracing::info!(%issuer, known = view.len(), seq = place.seq, "revocations restored from a journal");
                place
            }
            Err(Doubt::File(disk::Doubt::Unreadable(io::ErrorKind::NotFound))) => return None,
            Err(doubt) => {
                tracing::warn!(issuer = %self.issuer, directory = %self.directory.display(), %doubt, "a journal of revocations is ignored");
                return None;
            }
        };
        let mut state = self.state();
        (state.end, state.on_disk) = (place.clone(), Some(place.clone()));
        Some(place)
    }

    fn read(&self, view: &View) -> Result<(Place, bool), Doubt> {
        let (file, _) = disk::open(&self.directory, &self.name, self.most)?;
        let (mut reader, over) = (Reader::new(file, &self.issuer)?, self.over());
        let messages = iter::from_fn(|| reader.next());
        let revocations = messages.flat_map(|(_, revocations)| revocations);
        // All at once: nothing that is read meanwhile is copied again.
        view.insert(revocations.filter(|revocation| revocation.forget_at > over))?;
        Ok((reader.place, reader.is_torn))
    }

    /// Where a stream is to begin, if not where the last one ended: what was left out is told again then.
    pub(super) fn resume(&self) -> Option<Place> {
        let mut state = self.state();
        let place = state.on_disk.clone().filter(|_| state.is_behind);
        state.is_behind = false;
        if let Some(place) = &place {
            state.end = place.clone();
        }
        place
    }

    /// Where the log was read from disk to, for whoever begins to follow it.
    pub(super) fn end(&self) -> Place {
        self.state().on_disk.clone().unwrap_or_default()
    }

    /// Keeps a message of which all is known. Returns at once.
    pub(super) fn keep(self: &Arc<Self>, update: Update) {
        let mut state = self.state();
        state.push(update);
        if state.waiting.is_empty() || state.is_writing {
            return;
        }
        state.is_writing = true;
        drop(state);
        let journal = Arc::clone(self);
        tokio::task::spawn_blocking(move || journal.write_until_done());
    }

    /// However slow the disk is, one thread waits for it, and what comes meanwhile is written together.
    fn write_until_done(&self) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(waiting) = self.take_waiting() {
            let outcome = writer.write(&waiting, self.over());
            self.note(outcome);
            let mut state = self.state();
            state.on_disk = writer.place();
            // What failed is tried again with the next message: one comes every five seconds.
            state.is_writing = outcome.is_ok();
            match outcome {
                Ok(()) => continue,
                Err(Unwritten::Elsewhere | Unwritten::Gap) => state.fall_behind(),
                Err(Unwritten::Failed(_)) => state.put_back(waiting),
            }
            return;
        }
    }

    fn note(&self, outcome: Result<(), Unwritten>) {
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(Unwritten::Failed(kind)) => Err(kind),
            Err(Unwritten::Elsewhere | Unwritten::Gap) => return,
        };
        self.outcomes.note(outcome, "a journal of revocations", &self.issuer, &self.directory);
    }

    fn take_waiting(&self) -> Option<Vec<Update>> {
        let mut state = self.state();
        state.waiting_bytes = 0;
        let waiting = std::mem::take(&mut state.waiting);
        state.is_writing = !waiting.is_empty();
        state.is_writing.then_some(waiting)
    }

    /// What ended then or before is of no more use.
    fn over(&self) -> i64 {
        self.clock.now().as_second().saturating_sub_unsigned(self.grace)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Has a message wait, unless there is nothing new in it.
    fn push(&mut self, update: Update) {
        let is_news = update.last_seq > update.after_seq
            || update.epoch != self.end.epoch
            || update.after_seq != self.end.seq;
        if !is_news || self.is_behind {
            return;
        }
        self.end = Place { epoch: update.epoch.clone(), seq: update.last_seq };
        self.waiting_bytes = self.waiting_bytes.saturating_add(update.encoded_len());
        self.waiting.push(update);
        if self.waiting_bytes > MOST_WAITING {
            self.fall_behind();
        }
    }

    fn put_back(&mut self, mut waiting: Vec<Update>) {
        self.waiting_bytes =
            self.waiting_bytes.saturating_add(waiting.iter().map(Message::encoded_len).sum());
        waiting.append(&mut self.waiting);
        self.waiting = waiting;
        if self.waiting_bytes > MOST_WAITING {
            self.fall_behind();
        }
    }

    fn fall_behind(&mut self) {
        (self.waiting, self.waiting_bytes, self.is_behind) = (Vec::new(), 0, true);
    }
}

#[cfg(test)]
mod tests;
