//! The life of a signing key: `next → active → retiring → gone`, and `revoked` out of any of them.
//!
//! A key is published as `next` long before it signs, so that every verifier has it by then; it is published as
//! `retiring` until the last token it signed has expired. So no verifier ever meets a token whose key it cannot know,
//! however long it keeps the key set. Where next: `rotation`, which does what is decided here.

use std::time::Duration;

use jiff::Timestamp;

use super::lifetime::later;

/// How long a key goes on to be published after it signed for the last time: the longest life that a token may be
/// configured to have, the leeway of verifiers' clocks, and the moment in which another replica still signs with it.
const RETIREMENT: Duration = Duration::from_mins(65);
/// How many keys may be retiring when another one takes over. Verifiers, and load balancers that have a file for each key,
/// do not take just any number.
const MOST_RETIRING: usize = 6;
/// How long a key signs before its successor is made: a service that has just begun has better things to do.
const SETTLED: Duration = Duration::from_secs(10);

/// What a key is for at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Published, so that verifiers know it when it begins to sign.
    Next,
    /// Signs. There is always exactly one.
    Active,
    /// Signs no more, and has no private half; what it signed is still good.
    Retiring,
    /// Everything it signed has expired.
    Gone,
    /// Nothing it signed is good.
    Revoked,
}

/// A signing key, as far as its life is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) state: State,
    pub(crate) created_at: Timestamp,
    /// When it came into its state.
    pub(crate) since: Timestamp,
    /// When it becomes active, or is gone, by itself.
    pub(crate) changes_at: Option<Timestamp>,
}

/// When keys take turns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cycle {
    /// How long one key signs.
    period: Duration,
    /// How long a key is published before it signs.
    publication: Duration,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Make the key that is next.
    Make,
    /// Have this key sign from now on.
    TakeOver { kid: String },
    /// Publish this key no more.
    Drop { kid: String },
}

/// What becomes of the wish that another key sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// It came true a moment ago.
    Done,
    /// There is no key yet that could.
    NeedsKey,
    /// The next key takes over at this time, the earliest possible; perhaps now.
    At(Timestamp),
}

impl State {
    const ALL: [Self; 5] = [Self::Next, Self::Active, Self::Retiring, Self::Gone, Self::Revoked];

    /// The name in the table and on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Gone => "gone",
            Self::Revoked => "revoked",
        }
    }

    /// Whether verifiers must know keys in this state.
    pub(crate) const fn is_published(self) -> bool {
        matches!(self, Self::Next | Self::Active | Self::Retiring)
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Cycle {
    /// A key signs for `period`. Verifiers keep the key set for `max_age` without asking; whoever fetched it just before a
    /// key was added, and fails once to fetch it again, has it after two of those.
    pub(crate) fn new(period: Duration, max_age: Duration) -> Self {
        Self { period, publication: max_age * 2 }
    }

    /// When a key that is published at `now` takes over, unless it is asked to earlier.
    pub(crate) fn takes_over_at(&self, keys: &[Key], now: Timestamp) -> Timestamp {
        let period_over = active(keys).map_or(now, |active| later(active.since, self.period));
        period_over.max(later(now, self.publication))
    }

    /// What becomes of the wish for another key at `now`. However many have it at the same time, one key takes over.
    pub(crate) fn rotate(&self, keys: &[Key], now: Timestamp) -> Rotation {
        let settles =
            |active: &Key| active.since != active.created_at && later(active.since, self.publication) > now;
        if active(keys).is_some_and(settles) {
            return Rotation::Done;
        }
        match next(keys) {
            None => Rotation::NeedsKey,
            Some(next) => {
                let earliest = later(next.since, self.publication).max(room_at(keys, now));
                Rotation::At(next.changes_at.map_or(earliest, |at| at.min(earliest).max(now)))
            }
        }
    }

    /// When a key that signs for the last time at `now` is gone.
    pub(crate) fn gone_at(now: Timestamp) -> Timestamp {
        later(now, RETIREMENT)
    }
}

/// What the time has come for.
pub(crate) fn due(keys: &[Key], now: Timestamp) -> Option<Step> {
    let is_over = |key: &&Key| key.changes_at.is_some_and(|at| at <= now);
    if let Some(over) = in_state(keys, State::Retiring).find(is_over) {
        return Some(Step::Drop { kid: over.kid.clone() });
    }
    match next(keys) {
        Some(next) => is_over(&next).then(|| Step::TakeOver { kid: next.kid.clone() }),
        None => active(keys).filter(|active| later(active.since, SETTLED) <= now).map(|_| Step::Make),
    }
}

/// The key that signs.
pub(crate) fn active(keys: &[Key]) -> Option<&Key> {
    in_state(keys, State::Active).next()
}

/// The key that will.
pub(crate) fn next(keys: &[Key]) -> Option<&Key> {
    in_state(keys, State::Next).next()
}

/// When something changes by itself, at the earliest.
pub(crate) fn next_change(keys: &[Key]) -> Option<Timestamp> {
    keys.iter().filter(|key| key.state.is_published()).filter_map(|key| key.changes_at).min()
}

/// From when on one more key may be retiring.
fn room_at(keys: &[Key], now: Timestamp) -> Timestamp {
    let mut ends: Vec<_> = in_state(keys, State::Retiring).filter_map(|key| key.changes_at).collect();
    ends.sort_unstable_by(|one, other| other.cmp(one));
    ends.get(MOST_RETIRING - 1).map_or(now, |end| now.max(*end))
}

fn in_state(keys: &[Key], state: State) -> impl Iterator<Item = &Key> {
    keys.iter().filter(move |key| key.state == state)
}

#[cfg(test)]
#[path = "key_cycle_tests.rs"]
mod tests;
