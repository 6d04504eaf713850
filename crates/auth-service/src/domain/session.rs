//! What a presented refresh token earns: the one rule of rotation, theft and expiry.
//!
//! Every refresh moves the session to its next generation, and only the newest generation renews. A client
//! whose tabs race, or whose answer got lost, presents the generation before: within the grace it receives the
//! same successor again, so all copies converge and nobody honest is logged out. Anything older was copied:
//! the session ends. Where next: `handlers/refresh.rs`, which carries the decision out as one compare-and-set.

use std::time::Duration;

use identity::{SessionId, UserId};
use jiff::Timestamp;

use super::lifetime::{elapsed, later};

/// One login and all its renewals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    /// How often it was renewed. Its only valid refresh token carries this number.
    pub(crate) generation: u32,
    /// When the present generation was made.
    pub(crate) rotated_at: Timestamp,
    /// When the user proved who they are (`auth_time`).
    pub(crate) created_at: Timestamp,
    /// The absolute limit, fixed at login.
    pub(crate) expires_at: Timestamp,
    /// When it was ended, by whomever.
    pub(crate) ended_at: Option<Timestamp>,
}

/// The limits that rotation keeps. The absolute one is written into the session itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How long the generation before the newest still earns the same successor.
    pub(crate) grace: Duration,
    /// How long a session may rest between renewals.
    pub(crate) idle: Duration,
}

/// What to do with a presented generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Move on to this generation.
    Rotate { to: u32 },
    /// A race or a lost answer: give the present generation again, change nothing.
    Repeat,
    /// Refuse.
    Refuse(Refusal),
}

/// Why a refresh is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Logged out, or ended from elsewhere.
    Ended,
    /// Past the absolute or the idle limit.
    Expired,
    /// An old generation: somebody holds a copy.
    Reused,
    /// A generation that was never made: the database has been set back.
    NeverMade,
}

impl Session {
    /// Whether it may still be used at `now`.
    pub(crate) fn is_alive(&self, now: Timestamp, idle: Duration) -> bool {
        self.ended_at.is_none() && now < self.ends_unless_renewed(idle)
    }

    /// When it lapses if nothing renews it: the nearer of the idle and the absolute limit.
    pub(crate) fn ends_unless_renewed(&self, idle: Duration) -> Timestamp {
        later(self.rotated_at, idle).min(self.expires_at)
    }

    /// What the holder of an authentic token of generation `presented` earns at `now`.
    pub(crate) fn decide(&self, presented: u32, now: Timestamp, limits: Limits) -> Decision {
        let behind = i64::from(self.generation) - i64::from(presented);
        let refusal = match behind {
            _ if self.ended_at.is_some() => Refusal::Ended,
            _ if !self.is_alive(now, limits.idle) => Refusal::Expired,
            // A session that was renewed four billion times has had its time.
            0 => {
                return self
                    .generation
                    .checked_add(1)
                    .map_or(Decision::Refuse(Refusal::Expired), |to| Decision::Rotate { to });
            }
            // Clocks of replicas differ a little: a rotation "in the future" is a fresh one.
            1 if elapsed(self.rotated_at, now) < limits.grace => return Decision::Repeat,
            ..=-1 => Refusal::NeverMade,
            1.. => Refusal::Reused,
        };
        Decision::Refuse(refusal)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
