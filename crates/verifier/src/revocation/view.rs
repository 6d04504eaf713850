//! What one issuer has revoked, as far as is known here. Readers see one state or the next one, never half of a change.
//! Where next: `map`.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use identity::{Claims, Entropy};

use super::{
    Marker, Marks, Revocation, RevokeError, Revoked,
    changes::{Changes, Clear},
    map::{Entry, Map},
};

/// The revocations of one issuer.
pub(crate) struct View {
    marker: Marker,
    map: ArcSwap<Map>,
    /// What is forgotten does not count: no token becomes worse by it.
    changes: Changes,
    /// Held by who changes the map.
    writing: Mutex<()>,
    most: usize,
}

impl View {
    pub(crate) fn new(most: usize, entropy: &dyn Entropy) -> Self {
        let map = ArcSwap::from_pointee(Map::new());
        Self { marker: Marker::new(entropy), map, changes: Changes::none(), writing: Mutex::default(), most }
    }

    /// What [`revokes`](Self::revokes) has to be asked about a token, once its claims are known to be good.
    pub(crate) fn marks(&self, claims: &Claims, kid: &str) -> Marks {
        self.marker.marks(claims, kid)
    }

    /// Whether the token with these marks, this `ver` and this note is revoked.
    pub(crate) fn revokes(&self, marks: &Marks, version: u32, clear: &Clear) -> bool {
        self.changes.is_revoked(clear, || self.look_up(marks, version))
    }

    fn look_up(&self, marks: &Marks, version: u32) -> bool {
        let Marks { session, subject, token, client, key } = *marks;
        let found = self.map.load().get([session, subject, token, client, key]);
        found.into_iter().flatten().any(|entry| u64::from(version) < entry.least_version)
    }

    /// Takes in what was revoked: all of it or, if there is no room, nothing.
    pub(crate) fn insert(
        &self,
        revocations: impl IntoIterator<Item = Revocation>,
    ) -> Result<(), RevokeError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut map = Map::clone(&self.map.load());
        for Revocation { what, forget_at } in revocations {
            // Without a version all are concerned: none reaches this.
            let least_version = match what {
                Revoked::Subject { least_version, .. } => least_version.into(),
                _ => u64::MAX,
            };
            map.insert(self.marker.revoked(&what), Entry { least_version, forget_at });
            if map.len() > self.most {
                return Err(RevokeError::TooMany);
            }
        }
        self.map.store(map.into());
        self.changes.count();
        Ok(())
    }

    /// Drops what is to be forgotten at `now` or before, in steps so short that nobody who revokes has to wait.
    pub(crate) fn forget(&self, now: i64) {
        for branch in 0..Map::BRANCHES {
            let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let mut map = Map::clone(&self.map.load());
            if map.forget(branch, now) {
                self.map.store(map.into());
            }
        }
    }

    /// How many revocations are known.
    pub(crate) fn len(&self) -> usize {
        self.map.load().len()
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
