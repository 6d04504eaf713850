//! When fetches are due, and who may make them be.

use std::time::Duration;

use identity::Entropy;
use tokio::time::Instant;

use super::{FetchFailure, Fetched, Ruling, Schedule};
use crate::Limits;

/// Draws the least or nearly the most there is.
struct Always(u8);

impl Entropy for Always {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

const LEAST: Always = Always(0);
const MOST: Always = Always(255);
const TTL: Duration = Duration::from_mins(5);
const NEW: Fetched = Fetched { lifetime: TTL, changed: true };
const SAME: Fetched = Fetched { lifetime: TTL, changed: false };
const FAILURE: FetchFailure = FetchFailure::Unreachable;

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// A schedule whose first fetch succeeded just now, the next being due in 210 s.
fn loaded() -> (Schedule, Instant) {
    let now = Instant::now();
    let mut schedule = Schedule::new(&Limits::default(), now);
    schedule.start(now);
    schedule.succeed(now, NEW, &LEAST);
    (schedule, now)
}

/// A fetch that takes no time.
fn fetch(schedule: &mut Schedule, now: Instant) {
    schedule.start(now);
    schedule.succeed(now, NEW, &LEAST);
}

#[test]
fn the_first_fetch_is_due_at_once() {
    let now = Instant::now();
    assert_eq!(Schedule::new(&Limits::default(), now).due(), now);
}

#[test]
fn a_set_is_refreshed_between_seventy_and_ninety_percent_of_its_life() {
    let (mut schedule, now) = loaded();
    assert_eq!(schedule.due() - now, seconds(210));
    schedule.start(now);
    schedule.succeed(now, NEW, &MOST);
    assert!(schedule.due() - now > seconds(269) && schedule.due() - now <= seconds(270));
}

#[test]
fn pauses_double_up_to_a_minute_and_are_never_under_a_second() {
    let now = Instant::now();
    let mut schedule = Schedule::new(&Limits::default(), now);
    for most in [2, 4, 8, 16, 32, 60, 60, 60] {
        schedule.start(now);
        schedule.fail(now, FAILURE, &MOST);
        let pause = schedule.due() - now;
        assert!(pause <= seconds(most) && pause > seconds(most - 1), "{pause:?}");
    }
    for _ in 0..100 {
        schedule.start(now);
        schedule.fail(now, FAILURE, &LEAST);
        assert_eq!(schedule.due() - now, seconds(1));
    }
    schedule.start(now);
    schedule.succeed(now, NEW, &LEAST);
    assert_eq!(schedule.failing(), None);
    schedule.start(now);
    schedule.fail(now, FAILURE, &MOST);
    assert_eq!(schedule.failing(), Some((1, FAILURE)));
    assert!(schedule.due() - now <= seconds(2));
}

#[test]
fn one_fetch_in_ten_seconds_is_made_on_demand() {
    let (mut schedule, now) = loaded();
    assert_eq!(schedule.ask("a", now), Ruling::Await(2));
    assert_eq!(schedule.due(), now);
    assert_eq!(schedule.ask("b", now), Ruling::Await(2));
    fetch(&mut schedule, now);
    assert_eq!(schedule.ask("b", now + seconds(9)), Ruling::Refuse);
    assert_eq!(schedule.ask("b", now + seconds(10)), Ruling::Await(3));
}

#[test]
fn a_request_joins_a_fetch_that_is_under_way_or_due() {
    let (mut schedule, now) = loaded();
    let flight = schedule.start(now + seconds(100));
    assert_eq!(schedule.ask("a", now + seconds(100)), Ruling::Await(flight));
    schedule.succeed(now + seconds(101), NEW, &LEAST);
    let due = schedule.due();
    assert_eq!(schedule.ask("b", due), Ruling::Await(flight + 1));
    fetch(&mut schedule, due);
    assert_eq!(schedule.ask("c", due), Ruling::Await(flight + 2), "joining was free of charge");
}

#[test]
fn what_was_found_unknown_is_not_asked_about_for_a_minute() {
    let (mut schedule, now) = loaded();
    schedule.remember_unknown("a", now);
    fetch(&mut schedule, now + seconds(40));
    assert_eq!(schedule.ask("a", now + seconds(59)), Ruling::Refuse);
    assert_eq!(schedule.ask("a", now + seconds(60)), Ruling::Await(3));
}

#[test]
fn a_refused_request_reserves_a_fetch_thirty_seconds_after_the_last() {
    let (mut schedule, now) = loaded();
    schedule.remember_unknown("a", now);
    fetch(&mut schedule, now + seconds(5));
    assert!(schedule.due() > now + seconds(200));
    assert_eq!(schedule.ask("a", now + seconds(20)), Ruling::Refuse);
    assert_eq!(schedule.due(), now + seconds(35));
    fetch(&mut schedule, now + seconds(35));
    assert!(schedule.due() > now + seconds(200), "nobody asks any more");
}

#[test]
fn nobody_gets_past_the_back_off() {
    let (mut schedule, now) = loaded();
    for _ in 0..8 {
        schedule.start(now);
        schedule.fail(now, FAILURE, &MOST);
    }
    let due = schedule.due();
    assert!(due > now + seconds(59));
    assert_eq!(schedule.ask("a", now + seconds(50)), Ruling::Refuse);
    assert_eq!(schedule.due(), due);
    assert_eq!(schedule.ask("a", due), Ruling::Await(10));
}

#[test]
fn a_back_off_holds_even_a_fetch_that_was_granted_before() {
    let (mut schedule, now) = loaded();
    schedule.start(now);
    schedule.remember_unknown("a", now);
    schedule.fail(now + seconds(31), FAILURE, &LEAST);
    assert_eq!(schedule.due(), now + seconds(32));
}

#[test]
fn retry_after_is_the_time_to_the_next_fetch_in_whole_seconds() {
    let (mut schedule, now) = loaded();
    assert_eq!(schedule.retry_after(now), seconds(210));
    assert_eq!(schedule.retry_after(now + Duration::from_millis(1)), seconds(210));
    assert_eq!(schedule.retry_after(now + seconds(1000)), seconds(1));
    schedule.start(now);
    assert_eq!(schedule.retry_after(now), seconds(1));
}

#[test]
fn of_what_was_found_unknown_the_last_1024_are_remembered() {
    let (mut schedule, now) = loaded();
    for number in 0..1025 {
        schedule.remember_unknown(&number.to_string(), now);
    }
    assert_eq!(schedule.ask("1", now), Ruling::Refuse);
    assert_eq!(schedule.ask("1024", now), Ruling::Refuse);
    assert_eq!(schedule.ask("0", now), Ruling::Await(2));
}

#[test]
fn garbage_costs_three_fetches_a_minute_and_a_new_key_is_found_within_thirty_seconds() {
    for new_key_at in [None, Some(1), Some(29), Some(30), Some(31), Some(59)] {
        let (mut schedule, now) = loaded();
        let (mut fetched, mut new_key_at) = (Vec::new(), new_key_at);
        for second in 0..60 {
            let instant = now + seconds(second);
            if matches!(schedule.ask(&second.to_string(), instant), Ruling::Await(_))
                || schedule.due() <= instant
            {
                schedule.start(instant);
                let changed = new_key_at.take_if(|at| *at <= second).is_some();
                schedule.succeed(instant, if changed { NEW } else { SAME }, &LEAST);
                fetched.push(second);
            }
        }
        assert!(fetched.len() <= 3, "{fetched:?}");
        assert!(
            new_key_at.is_none_or(|at| at > 30),
            "a key of second {new_key_at:?} was not found: {fetched:?}"
        );
    }
}

#[test]
fn a_regular_refresh_that_brings_nothing_new_delays_nobody() {
    let (mut schedule, now) = loaded();
    schedule.start(now + seconds(210));
    schedule.succeed(now + seconds(210), SAME, &LEAST);
    assert_eq!(schedule.ask("a", now + seconds(211)), Ruling::Await(3));
}
