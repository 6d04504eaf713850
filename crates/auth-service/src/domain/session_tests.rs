//! The rule of rotation: its table, and a machine that plays honest and dishonest clients against it.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::lifetime::earlier;

const GRACE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_hours(7 * 24);
const ABSOLUTE: Duration = Duration::from_hours(30 * 24);
const LIMITS: Limits = Limits { grace: GRACE, idle: IDLE };
const START: Timestamp = Timestamp::UNIX_EPOCH;

fn session(generation: u32) -> Session {
    Session {
        id: SessionId(Uuid::nil()),
        user_id: UserId(Uuid::nil()),
        generation,
        rotated_at: START,
        created_at: START,
        expires_at: later(START, ABSOLUTE),
        ended_at: None,
    }
}

fn at(after: Duration) -> Timestamp {
    later(START, after)
}

fn just_before(end: Duration) -> Timestamp {
    earlier(at(end), Duration::from_millis(1))
}

#[test]
fn the_newest_generation_rotates() {
    assert_eq!(session(4).decide(4, START, LIMITS), Decision::Rotate { to: 5 });
}

#[test]
fn the_one_before_earns_the_same_successor_within_the_grace_only() {
    let last_moment = just_before(GRACE);
    assert_eq!(session(4).decide(3, last_moment, LIMITS), Decision::Repeat);
    assert_eq!(session(4).decide(3, at(GRACE), LIMITS), Decision::Refuse(Refusal::Reused));
}

#[test]
fn without_grace_the_one_before_is_theft_at_once() {
    let limits = Limits { grace: Duration::ZERO, ..LIMITS };
    assert_eq!(session(4).decide(3, START, limits), Decision::Refuse(Refusal::Reused));
}

#[test]
fn a_replica_whose_clock_is_behind_still_grants_the_grace() {
    let rotated = Session { rotated_at: at(Duration::from_secs(2)), ..session(4) };
    assert_eq!(rotated.decide(3, START, LIMITS), Decision::Repeat);
}

#[test]
fn older_ones_are_theft_even_within_the_grace() {
    assert_eq!(session(4).decide(2, START, LIMITS), Decision::Refuse(Refusal::Reused));
    assert_eq!(session(4).decide(0, START, LIMITS), Decision::Refuse(Refusal::Reused));
}

#[test]
fn a_generation_that_was_never_made_is_refused_but_no_theft() {
    assert_eq!(session(4).decide(5, START, LIMITS), Decision::Refuse(Refusal::NeverMade));
}

#[test]
fn limits_are_exact_and_an_ended_session_stays_ended() {
    assert_eq!(session(4).decide(4, just_before(IDLE), LIMITS), Decision::Rotate { to: 5 });
    assert_eq!(session(4).decide(4, at(IDLE), LIMITS), Decision::Refuse(Refusal::Expired));
    let busy = Session { rotated_at: just_before(ABSOLUTE), ..session(4) };
    assert_eq!(busy.decide(4, at(ABSOLUTE), LIMITS), Decision::Refuse(Refusal::Expired));
    let ended = Session { ended_at: Some(START), ..session(4) };
    for presented in 0..6 {
        assert_eq!(ended.decide(presented, START, LIMITS), Decision::Refuse(Refusal::Ended));
    }
}

#[test]
fn the_last_generation_cannot_wrap_around() {
    assert_eq!(session(u32::MAX).decide(u32::MAX, START, LIMITS), Decision::Refuse(Refusal::Expired));
}

/// One move of a client or of the clock.
#[derive(Debug, Clone)]
enum Move {
    /// Somebody presents the token that is so many generations behind the newest.
    Present { behind: u32 },
    /// Time passes.
    Wait(Duration),
    /// The user logs out.
    End,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        8 => (0u32..4).prop_map(|behind| Move::Present { behind }),
        4 => (0u64..25_000).prop_map(|millis| Move::Wait(Duration::from_millis(millis))),
        2 => (0u64..9 * 24).prop_map(|hours| Move::Wait(Duration::from_hours(hours))),
        1 => Just(Move::End),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    /// Carries decisions out as the handler does and checks what must hold whatever happens.
    #[test]
    fn whatever_clients_do(moves in moves()) {
        let (mut session, mut now) = (session(0), START);
        for one in moves {
            let before = session.clone();
            match one {
                Move::Wait(time) => now = later(now, time),
                Move::End => session.ended_at = session.ended_at.or(Some(now)),
                Move::Present { behind } => {
                    let presented = session.generation.saturating_sub(behind);
                    let behind = session.generation - presented;
                    let decision = session.decide(presented, now, LIMITS);
                    match decision {
                        Decision::Rotate { to } => {
                            prop_assert_eq!(behind, 0, "only the newest rotates");
                            prop_assert_eq!(to, session.generation + 1, "one step at a time");
                            (session.generation, session.rotated_at) = (to, now);
                        }
                        Decision::Repeat => {
                            prop_assert_eq!(behind, 1);
                            prop_assert!(elapsed(session.rotated_at, now) < GRACE);
                        }
                        Decision::Refuse(Refusal::Reused) => {
                            prop_assert!(behind >= 1);
                            session.ended_at = Some(now);
                        }
                        Decision::Refuse(Refusal::Ended) => prop_assert!(before.ended_at.is_some()),
                        Decision::Refuse(Refusal::Expired) => prop_assert!(!before.is_alive(now, IDLE)),
                        Decision::Refuse(Refusal::NeverMade) => prop_assert!(false, "nothing newer was presented"),
                    }
                    if !matches!(decision, Decision::Refuse(_)) {
                        prop_assert!(before.ended_at.is_none(), "what has ended stays ended");
                        prop_assert!(elapsed(START, now) < ABSOLUTE, "nothing outlives the absolute limit");
                    }
                }
            }
            prop_assert_eq!(session.expires_at, before.expires_at, "rotation extends no absolute limit");
            prop_assert!(before.ended_at.is_none() || session.ended_at == before.ended_at);
        }
    }
}
