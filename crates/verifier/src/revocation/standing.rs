//! How well an issuer's revocations are known: what a route that must not act on old news asks. Where next: `feed`, who
//! hears of them.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// A feed in which nothing was heard for so long is dead: the issuer speaks every five seconds.
pub(crate) const SILENCE: Duration = Duration::from_secs(12);

/// When the issuer last said that nothing is missing.
pub(crate) struct Standing {
    began: Instant,
    /// In milliseconds since then, and one more; 0 before the first time.
    heard: AtomicU64,
    last_seq: AtomicU64,
    followed: AtomicBool,
}

impl Standing {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            heard: AtomicU64::new(0),
            last_seq: AtomicU64::new(0),
            followed: AtomicBool::new(false),
        }
    }

    /// For how long nothing was heard; `None` if nothing ever was.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let heard = self.heard.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.began.elapsed().saturating_sub(Duration::from_millis(heard)))
    }

    /// Everything up to the issuer's number `last_seq` is known.
    #[cfg(feature = "feed")]
    pub(crate) fn hear(&self, last_seq: u64) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_seq.store(last_seq, Ordering::Relaxed);
        self.heard.store(now.saturating_add(1), Ordering::Relaxed);
    }

    /// Whether all that was revoked by `most` ago is known, as far as it is told here at all.
    pub(crate) fn is_current(&self, most: Duration) -> bool {
        !self.is_followed() || self.silence().is_some_and(|silence| silence <= most)
    }

    /// Whether somebody is to follow the issuer's feed. Where nobody is, tokens are good until they expire.
    pub(crate) fn is_followed(&self) -> bool {
        self.followed.load(Ordering::Relaxed)
    }

    /// From now on. If nobody does any more, that is silence.
    #[cfg(feature = "feed")]
    pub(crate) fn set_followed(&self) {
        self.followed.store(true, Ordering::Relaxed);
    }

    /// Everything up to there was known once.
    #[cfg(feature = "feed")]
    pub(crate) fn restore(&self, last_seq: u64) {
        self.last_seq.store(last_seq, Ordering::Relaxed);
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq.load(Ordering::Relaxed)
    }
}
