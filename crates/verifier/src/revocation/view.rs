//! What one issuer has revoked, as far as is known here. Readers see one state or the next one, never half of a change.
//! Where next: `recent`, which is asked first; `map`.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use identity::{Claims, Entropy};

use super::{
    Marker, Marks, Revocation, RevokeError, Revoked,
    changes::{self, Changes, Clear},
    map::{self, Entry, Map},
    recent::Recent,
};

/// The revocations of one issuer.
pub(crate) struct View {
    marker: Marker,
    known: ArcSwap<Known>,
    /// What is forgotten does not count: no token becomes worse by it.
    changes: Changes,
    /// Held by who changes what is known.
    writing: Mutex<()>,
    most: usize,
}

/// All that was revoked, and once more what was last. Each kind has a map of its own: clients and keys are few, so that
/// theirs lie at hand, whatever the number of sessions.
#[derive(Clone)]
struct Known {
    sessions: Arc<Map>,
    subjects: Arc<Map>,
    tokens: Arc<Map>,
    clients: Arc<Map>,
    keys: Arc<Map>,
    recent: Recent,
}

impl Known {
    fn nothing() -> Self {
        let map = Arc::new(Map::new());
        Self {
            sessions: map.clone(),
            subjects: map.clone(),
            tokens: map.clone(),
            clients: map.clone(),
            keys: map,
            recent: Recent::none_since(changes::FIRST),
        }
    }

    fn maps(&self) -> [&Map; 5] {
        [&self.sessions, &self.subjects, &self.tokens, &self.clients, &self.keys]
    }

    fn maps_mut(&mut self) -> [&mut Arc<Map>; 5] {
        [&mut self.sessions, &mut self.subjects, &mut self.tokens, &mut self.clients, &mut self.keys]
    }

    fn map_of(&mut self, what: &Revoked) -> &mut Map {
        Arc::make_mut(match what {
            Revoked::Session(_) => &mut self.sessions,
            Revoked::Subject { .. } => &mut self.subjects,
            Revoked::Token(_) => &mut self.tokens,
            Revoked::Client(_) => &mut self.clients,
            Revoked::Key(_) => &mut self.keys,
        })
    }

    fn len(&self) -> usize {
        self.maps().map(Map::len).iter().sum()
    }
}

impl View {
    pub(crate) fn new(most: usize, entropy: &dyn Entropy) -> Self {
        Self {
            marker: Marker::new(entropy),
            known: ArcSwap::from_pointee(Known::nothing()),
            changes: Changes::none(),
            writing: Mutex::default(),
            most,
        }
    }

    /// What [`revokes`](Self::revokes) has to be asked about a token, once its claims are known to be good.
    pub(crate) fn marks(&self, claims: &Claims, kid: &str) -> Marks {
        self.marker.marks(claims, kid)
    }

    /// Whether the token with these marks, this `ver` and this note is revoked.
    pub(crate) fn revokes(&self, marks: &Marks, version: u32, clear: &Clear) -> bool {
        self.changes.is_revoked(clear, |since| self.look_up(marks, version, since))
    }

    /// Whether it is revoked, if it was not under the change `since`.
    fn look_up(&self, marks: &Marks, version: u32, since: u64) -> bool {
        let Marks { session, subject, token, client, key } = *marks;
        let marks = [session, subject, token, client, key];
        let known = self.known.load();
        if known.recent.spares(&marks, since) {
            return false;
        }
        let found = map::get(known.maps(), marks);
        found.into_iter().flatten().any(|entry| u64::from(version) < entry.least_version)
    }

    /// Takes in what was revoked: all of it or, if there is no room, nothing.
    pub(crate) fn insert(
        &self,
        revocations: impl IntoIterator<Item = Revocation>,
    ) -> Result<(), RevokeError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = Known::clone(&self.known.load());
        let change = self.changes.next();
        for Revocation { what, forget_at } in revocations {
            // Without a version all are concerned: none reaches this.
            let least_version = match what {
                Revoked::Subject { least_version, .. } => least_version.into(),
                _ => u64::MAX,
            };
            let mark = self.marker.revoked(&what);
            known.map_of(&what).insert(mark, Entry { least_version, forget_at });
            known.recent.push(change, mark);
            if known.len() > self.most {
                return Err(RevokeError::TooMany);
            }
        }
        self.known.store(known.into());
        self.changes.count();
        Ok(())
    }

    /// Drops what is to be forgotten at `now` or before, in steps so short that nobody who revokes has to wait.
    pub(crate) fn forget(&self, now: i64) {
        for branch in 0..Map::BRANCHES {
            let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let mut known = Known::clone(&self.known.load());
            let mut has_changed = false;
            for map in known.maps_mut().into_iter().filter(|map| map.has_outlived(branch, now)) {
                Arc::make_mut(map).forget(branch, now);
                has_changed = true;
            }
            if has_changed {
                self.known.store(known.into());
            }
        }
    }

    /// How many revocations are known.
    pub(crate) fn len(&self) -> usize {
        self.known.load().len()
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
