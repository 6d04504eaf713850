//! What a repeated key means: the rules, without the table.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Fingerprint, Recorded};

/// How long an answer is kept.
pub(super) const KEPT: Duration = Duration::from_hours(24);
/// How long somebody who answers is believed to be alive. Longer than any answer takes.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// What is known of a key that was used before.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: Uuid,
    pub(super) fingerprint: Fingerprint,
    pub(super) attempt: u32,
    pub(super) leased_until: Timestamp,
    pub(super) answer: Option<Recorded>,
    pub(super) created_at: Timestamp,
}

/// What to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is too old to count: begin anew.
    Forget,
    /// The key stands for another request.
    Reused,
    /// Answer as before.
    Replay(Recorded),
    /// Somebody is at it.
    InFlight,
    /// Whoever was at it is gone: go on in their place.
    TakeOver,
}

/// The one place where keys are judged.
pub(super) fn decide(record: Record, fingerprint: &Fingerprint, now: Timestamp) -> Decision {
    let leased = record.answer.is_none() && record.leased_until > now;
    if record.created_at + KEPT <= now && !leased {
        return Decision::Forget;
    }
    if record.fingerprint != *fingerprint {
        return Decision::Reused;
    }
    match record.answer {
        Some(recorded) => Decision::Replay(recorded),
        None if leased => Decision::InFlight,
        None => Decision::TakeOver,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn record(answer: Option<Recorded>) -> Record {
        let fingerprint = Fingerprint(vec![1]);
        let (id, leased_until) = (Uuid::nil(), at(0) + LEASE);
        Record { id, fingerprint, attempt: 1, leased_until, answer, created_at: at(0) }
    }

    #[test]
    fn an_answer_is_given_again_for_a_day() {
        let (recorded, day) = (Recorded { status: 200, body: vec![7] }, KEPT.as_secs());
        let decide =
            |content, now| decide(record(Some(recorded.clone())), &Fingerprint(vec![content]), at(now));
        assert_eq!(decide(1, 0), Decision::Replay(recorded.clone()));
        assert_eq!(decide(1, day - 1), Decision::Replay(recorded.clone()));
        assert_eq!(decide(2, day - 1), Decision::Reused);
        assert_eq!(decide(1, day), Decision::Forget);
        assert_eq!(decide(2, day), Decision::Forget);
    }

    #[test]
    fn the_silent_are_taken_for_dead_when_their_lease_is_over() {
        let decide = |content, now| decide(record(None), &Fingerprint(vec![content]), at(now));
        assert_eq!(decide(1, 29), Decision::InFlight);
        assert_eq!(decide(2, 29), Decision::Reused);
        assert_eq!(decide(1, 30), Decision::TakeOver);
        assert_eq!(decide(2, 30), Decision::Reused);
    }

    #[test]
    fn nobody_at_work_is_forgotten() {
        let mut late = record(None);
        late.leased_until = at(KEPT.as_secs() + 10);
        assert_eq!(decide(late, &Fingerprint(vec![1]), at(KEPT.as_secs())), Decision::InFlight);
    }
}
