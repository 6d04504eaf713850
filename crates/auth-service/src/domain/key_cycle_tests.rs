//! When signing keys take turns.

use proptest::prelude::*;

use super::*;

const PERIOD: i64 = 30 * 86_400;
const MAX_AGE: i64 = 300;
const RETIRES: i64 = 65 * 60;

fn cycle() -> Cycle {
    Cycle::new(Duration::from_secs(PERIOD.unsigned_abs()), Duration::from_secs(MAX_AGE.unsigned_abs()))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn key(kid: &str, state: State, (created_at, since): (i64, i64), changes_at: Option<i64>) -> Key {
    let [created_at, since] = [created_at, since].map(at);
    Key { kid: kid.to_owned(), state, created_at, since, changes_at: changes_at.map(at) }
}

fn first() -> Key {
    key("a", State::Active, (0, 0), None)
}

fn second(since: i64, takes_over_at: i64) -> Key {
    key("b", State::Next, (since, since), Some(takes_over_at))
}

#[test]
fn a_successor_is_published_soon_and_signs_when_the_period_is_over() {
    assert_eq!(due(&[first()], at(9)), None);
    assert_eq!(due(&[first()], at(10)), Some(Step::Make));
    assert_eq!(cycle().takes_over_at(&[first()], at(10)), at(PERIOD));
    let keys = [first(), second(10, PERIOD)];
    assert_eq!(due(&keys, at(PERIOD - 1)), None);
    assert_eq!(due(&keys, at(PERIOD)), Some(Step::TakeOver { kid: "b".to_owned() }));
}

#[test]
fn a_late_successor_is_published_for_twice_the_time_that_verifiers_keep_the_set() {
    let late = PERIOD * 2;
    assert_eq!(cycle().takes_over_at(&[first()], at(late)), at(late + 2 * MAX_AGE));
}

#[test]
fn a_retiring_key_is_dropped_when_the_last_of_its_tokens_has_expired() {
    let retiring = key("z", State::Retiring, (-9, 0), Some(RETIRES));
    let keys = [key("a", State::Active, (-9, 0), None), second(0, PERIOD), retiring];
    assert_eq!(Cycle::gone_at(at(0)), at(RETIRES));
    assert_eq!(due(&keys, at(RETIRES - 1)), None);
    assert_eq!(due(&keys, at(RETIRES)), Some(Step::Drop { kid: "z".to_owned() }));
}

#[test]
fn a_wish_comes_true_as_soon_as_every_verifier_can_know_the_key() {
    let rotate = |keys: &[Key], now| cycle().rotate(keys, at(now));
    assert_eq!(rotate(&[first()], 1), Rotation::NeedsKey);
    let published = 1_000;
    let keys = [first(), second(published, PERIOD)];
    assert_eq!(rotate(&keys, published + 1), Rotation::At(at(published + 2 * MAX_AGE)));
    assert_eq!(rotate(&keys, published + 5_000), Rotation::At(at(published + 5_000)));
    let asked_before = [first(), second(published, published + 2 * MAX_AGE)];
    assert_eq!(rotate(&asked_before, published + 9), Rotation::At(at(published + 2 * MAX_AGE)));
}

#[test]
fn a_wish_that_has_just_come_true_is_not_granted_again() {
    let keys = [key("b", State::Active, (0, 5_000), None), second(5_001, 5_000 + PERIOD)];
    for now in [5_000, 5_001, 5_000 + 2 * MAX_AGE - 1] {
        assert_eq!(cycle().rotate(&keys, at(now)), Rotation::Done);
    }
    assert_ne!(cycle().rotate(&keys, at(5_000 + 2 * MAX_AGE)), Rotation::Done);
}

#[test]
fn names_are_read_back() {
    for state in State::ALL {
        assert_eq!(State::from_text(state.as_str()), Some(state));
    }
    assert_eq!(State::from_text("asleep"), None);
}

/// What a replica does with a step, or with a wish.
fn apply(cycle: &Cycle, keys: &mut Vec<Key>, step: Step, now: Timestamp, names: &mut u32) {
    match step {
        Step::Make => {
            let takes_over_at = cycle.takes_over_at(keys, now);
            *names += 1;
            keys.push(Key {
                kid: names.to_string(),
                state: State::Next,
                created_at: now,
                since: now,
                changes_at: Some(takes_over_at),
            });
        }
        Step::TakeOver { kid } => {
            for key in keys {
                if key.state == State::Active {
                    (key.state, key.since, key.changes_at) =
                        (State::Retiring, now, Some(Cycle::gone_at(now)));
                } else if key.kid == kid {
                    (key.state, key.since, key.changes_at) = (State::Active, now, None);
                }
            }
        }
        Step::Drop { kid } => keys.retain(|key| key.kid != kid),
    }
}

#[test]
fn whoever_rotates_without_end_waits_until_old_keys_are_gone() {
    let cycle = Cycle::new(Duration::from_secs(PERIOD.unsigned_abs()), Duration::from_secs(10));
    let (mut keys, mut names, mut waited) = (vec![first()], 0, false);
    for now in (0..20_000).step_by(20).map(at) {
        match cycle.rotate(&keys, now) {
            Rotation::Done => {}
            Rotation::NeedsKey => apply(&cycle, &mut keys, Step::Make, now, &mut names),
            Rotation::At(time) => {
                waited |= time > later(now, Duration::from_mins(10));
                keys.iter_mut().find(|key| key.state == State::Next).unwrap().changes_at = Some(time);
            }
        }
        while let Some(step) = due(&keys, now) {
            apply(&cycle, &mut keys, step, now, &mut names);
        }
        let retiring = keys.iter().filter(|key| key.state == State::Retiring).count();
        assert!(retiring <= MOST_RETIRING, "{retiring} at {now}");
    }
    assert!(waited && names > 20, "{names}");
}

proptest! {
    /// Whenever replicas look and however often somebody wants another key: every verifier can know the key that signs,
    /// one key signs, and nothing is dropped that may still be needed.
    #[test]
    fn nobody_meets_a_key_they_cannot_know(
        visits in proptest::collection::vec((1i64..4_000, any::<bool>()), 1..200),
    ) {
        let (cycle, mut keys, mut now, mut names) = (cycle(), vec![first()], 0, 0);
        for (pause, is_wish) in visits {
            now += pause;
            let instant = at(now);
            if is_wish {
                match cycle.rotate(&keys, instant) {
                    Rotation::Done => {}
                    Rotation::NeedsKey => apply(&cycle, &mut keys, Step::Make, instant, &mut names),
                    Rotation::At(time) => {
                        prop_assert!(time >= instant);
                        let next = keys.iter_mut().find(|key| key.state == State::Next).unwrap();
                        prop_assert!(next.changes_at.unwrap().max(instant) >= time, "a wish never delays");
                        next.changes_at = Some(time);
                    }
                }
            }
            while let Some(step) = due(&keys, instant) {
                if let Step::TakeOver { kid } = &step {
                    let next = keys.iter().find(|key| key.kid == *kid).unwrap();
                    prop_assert!(now - next.created_at.as_second() >= 2 * MAX_AGE, "published too short");
                }
                if let Step::Drop { kid } = &step {
                    let gone = keys.iter().find(|key| key.kid == *kid).unwrap();
                    prop_assert!(now - gone.since.as_second() >= 3_600, "dropped too early");
                }
                apply(&cycle, &mut keys, step, instant, &mut names);
            }
            prop_assert_eq!(keys.iter().filter(|key| key.state == State::Active).count(), 1);
            prop_assert!(keys.len() <= MOST_RETIRING + 2, "verifiers take no more: {}", keys.len());
        }
    }
}
