//! The last key set an issuer confirmed, kept on disk, so that a replica can start while the issuer is down.
//!
//! One file for each issuer. It is read once, when the verifier is built, and whatever is not beyond doubt is ignored
//! with a warning: the worst that a lost or damaged file can do is a start without keys. Keys out of a snapshot are
//! as old as it says: they serve until the stale limit after the issuer confirmed them, and a fetch is due at once.
//! It is written behind each successful fetch, on a thread that may block, the latest state only, one at a time.
//!
//! **Whoever can write the file chooses the keys.** Its checksum finds damage, not forgery. That is why the file is
//! 0600 and why one that others may write, or own, is refused. Where next: `content`, what is in it, and `disk`, how it
//! is read and replaced.

mod content;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use identity::Entropy;
use jiff::Timestamp;

use super::{KeySet, SetFault};
use crate::{
    Limits, Trust,
    disk::{self, Outcomes},
};
use content::Content;
pub(super) use content::Published;

/// Longer files are not read: a key set has 1 MiB at most, and is shorter than that by far.
const MAX_BYTES: u64 = 1024 * 1024;

/// Why a snapshot was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Doubt {
    #[error(transparent)]
    File(#[from] disk::Doubt),
    #[error("it is damaged")]
    Damaged,
    #[error("it was written by another version")]
    OtherVersion,
    #[error("it is about another issuer or another URL")]
    OtherIssuer,
    #[error("it was written in the future")]
    FromTheFuture,
    #[error("it is past the stale limit")]
    TooOld,
    #[error("its key set was refused: {0}")]
    Refused(#[from] SetFault),
}

/// Keeps the key set of one issuer.
pub(crate) struct Archive {
    directory: PathBuf,
    name: String,
    issuer: String,
    jwks_url: String,
    entropy: Arc<dyn Entropy>,
    state: Mutex<State>,
    pub(crate) outcomes: Outcomes,
}

#[derive(Default)]
struct State {
    /// What the issuer published last.
    latest: Option<Published>,
    /// The latest is not on disk yet.
    is_due: bool,
    is_writing: bool,
}

impl Archive {
    pub(crate) fn new(directory: PathBuf, trust: &Trust, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            directory,
            name: disk::name_for(&trust.issuer),
            issuer: trust.issuer.clone(),
            jwks_url: trust.jwks_url.to_string(),
            entropy,
            state: Mutex::default(),
            outcomes: Outcomes::default(),
        }
    }

    /// What was kept, if it can be used at the instant `now`; a warning if there is something that cannot.
    pub(super) fn restore(
        &self,
        trust: &Trust,
        limits: &Limits,
        now: Timestamp,
    ) -> Option<(KeySet, Published)> {
        match self.read(trust, limits, now) {
            Ok((keys, published)) => {
                tracing::info!(issuer = %self.issuer, confirmed_at = %published.confirmed_at, "keys restored from a snapshot");
                self.state().latest = Some(published.clone());
                Some((keys, published))
            }
            Err(Doubt::File(disk::Doubt::Unreadable(io::ErrorKind::NotFound))) => None,
            Err(doubt) => {
                tracing::warn!(issuer = %self.issuer, directory = %self.directory.display(), %doubt, "a snapshot is ignored");
                None
            }
        }
    }

    fn read(&self, trust: &Trust, limits: &Limits, now: Timestamp) -> Result<(KeySet, Published), Doubt> {
        let Content { issuer, jwks_url, keys: published } =
            Content::decode(&disk::read(&self.directory, &self.name, MAX_BYTES)?)?;
        if issuer != self.issuer || jwks_url != self.jwks_url {
            return Err(Doubt::OtherIssuer);
        }
        let age = now.duration_since(published.confirmed_at);
        if Duration::try_from(-age).is_ok_and(|ahead| ahead > limits.leeway) {
            return Err(Doubt::FromTheFuture);
        }
        if Duration::try_from(age).is_ok_and(|age| age > limits.stale_limit) {
            return Err(Doubt::TooOld);
        }
        let keys = KeySet::parse(published.document.as_bytes(), &trust.algorithms, limits)?;
        Ok((keys, published))
    }

    /// Keeps a key set that was fetched. Returns at once.
    pub(super) fn keep(self: &Arc<Self>, document: &[u8], etag: Option<&str>, confirmed_at: Timestamp) {
        // A document that was accepted is JSON, and JSON is UTF-8.
        let Ok(document) = str::from_utf8(document) else { return };
        let (document, etag) = (document.to_owned(), etag.map(str::to_owned));
        self.write_soon(|state| state.latest = Some(Published { document, etag, confirmed_at }));
    }

    /// Notes that the issuer still publishes what was kept last. Returns at once.
    pub(super) fn confirm(self: &Arc<Self>, confirmed_at: Timestamp) {
        self.write_soon(|state| {
            if let Some(latest) = &mut state.latest {
                latest.confirmed_at = confirmed_at;
            }
        });
    }

    fn write_soon(self: &Arc<Self>, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.is_due = true;
        if state.is_writing {
            return;
        }
        state.is_writing = true;
        drop(state);
        let archive = Arc::clone(self);
        tokio::task::spawn_blocking(move || archive.write_until_done());
    }

    /// However slow the disk is, one thread waits for it, and what changes meanwhile is written together.
    fn write_until_done(&self) {
        while let Some(content) = self.due() {
            let suffix = disk::suffix(self.entropy.as_ref());
            let outcome = disk::replace(&self.directory, &self.name, suffix, &content.encode());
            self.note(outcome.map_err(|error| error.kind()));
        }
    }

    fn due(&self) -> Option<Content> {
        let mut state = self.state();
        let due = std::mem::take(&mut state.is_due);
        let Some(keys) = state.latest.clone().filter(|_| due) else {
            state.is_writing = false;
            return None;
        };
        Some(Content { issuer: self.issuer.clone(), jwks_url: self.jwks_url.clone(), keys })
    }

    fn note(&self, outcome: Result<(), io::ErrorKind>) {
        self.outcomes.note(outcome, "a snapshot", &self.issuer, &self.directory);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
