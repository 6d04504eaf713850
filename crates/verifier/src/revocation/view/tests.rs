//! That a view says of every token what a plain list of revocations would say, whatever happens at the same time.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use identity::{SessionId, SystemEntropy, TokenId, UserId};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;

const KEY: &str = "key-0";

/// A token whose names are all of this number; it is of this version.
fn claims(number: u128, version: u32) -> Claims {
    let id = Uuid::from_u128(number);
    let claims = serde_json::from_value(json!({
        "iss": "i", "sub": id, "aud": [], "exp": 0, "iat": 0, "nbf": 0, "jti": number.to_string(),
        "client_id": number.to_string(), "sid": id, "ver": version, "scope": "", "roles": [], "auth_time": 0,
    }));
    claims.unwrap()
}

fn revoked(kind: u8, number: u128, version: u32) -> Revoked {
    match kind {
        0 => Revoked::Session(SessionId(Uuid::from_u128(number))),
        1 => Revoked::Subject { subject: UserId(Uuid::from_u128(number)), least_version: version },
        2 => Revoked::Token(TokenId(number.to_string().into())),
        3 => Revoked::Client(number.to_string()),
        _ => Revoked::Key(format!("key-{number}")),
    }
}

fn is_revoked(view: &View, number: u128, version: u32) -> bool {
    let claims = claims(number, version);
    view.revokes(&view.marks(&claims, KEY), version, &Clear::never())
}

fn revocation(what: Revoked) -> Revocation {
    Revocation { what, forget_at: 600 }
}

fn view() -> View {
    View::new(1_000_000, &SystemEntropy)
}

#[test]
fn each_kind_concerns_its_own_tokens() {
    for kind in [0, 2, 3] {
        let view = view();
        view.insert([revocation(revoked(kind, 7, 0))]).unwrap();
        assert!(is_revoked(&view, 7, u32::MAX) && !is_revoked(&view, 8, 0), "{kind}");
    }
    let view = view();
    view.insert([revocation(revoked(4, 0, 0))]).unwrap();
    assert!(is_revoked(&view, 7, 1));
    let claims = claims(7, 1);
    assert!(!view.revokes(&view.marks(&claims, "key-1"), 1, &Clear::never()), "another key signed it");
}

#[test]
fn a_subject_is_revoked_up_to_a_version() {
    let view = view();
    view.insert([revocation(revoked(1, 7, 3))]).unwrap();
    assert_eq!([0, 2, 3, 4].map(|version| is_revoked(&view, 7, version)), [true, true, false, false]);
    view.insert([revocation(revoked(1, 7, 2))]).unwrap();
    assert!(is_revoked(&view, 7, 2), "what was revoked stays so");
    assert_eq!(view.len(), 1);
}

#[test]
fn it_is_forgotten_when_its_time_has_come_and_not_before() {
    let view = view();
    let end = |number, forget_at| Revocation { what: revoked(0, number, 0), forget_at };
    view.insert([end(1, 100), end(2, 200), end(2, 150)]).unwrap();
    view.forget(99);
    assert_eq!(view.len(), 2);
    view.forget(100);
    assert!(view.len() == 1 && !is_revoked(&view, 1, 0) && is_revoked(&view, 2, 0));
    view.forget(199);
    assert!(is_revoked(&view, 2, 0), "the later end holds");
    view.forget(200);
    assert_eq!(view.len(), 0);
}

#[test]
fn all_or_nothing_is_taken() {
    let view = View::new(10, &SystemEntropy);
    view.insert((0..10).map(|number| revocation(revoked(0, number, 0)))).unwrap();
    let more = (9..12).map(|number| revocation(revoked(0, number, 0)));
    assert_eq!(view.insert(more), Err(RevokeError::TooMany));
    assert!(view.len() == 10 && !is_revoked(&view, 10, 0));
    view.insert([revocation(revoked(0, 9, 0))]).unwrap();
}

#[test]
fn what_was_revoked_is_seen_at_once_by_every_thread_and_never_lost() {
    const COUNT: usize = 5_000;
    let (view, revoked_so_far) = (view(), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..COUNT {
                view.insert([revocation(revoked(0, number as u128, 0))]).unwrap();
                revoked_so_far.store(number + 1, Ordering::Release);
            }
        });
        scope.spawn(|| {
            // Forgets what others never asked to keep.
            while revoked_so_far.load(Ordering::Acquire) < COUNT {
                view.insert([Revocation { what: revoked(2, 1 << 64, 0), forget_at: 1 }]).unwrap();
                view.forget(1);
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let known = revoked_so_far.load(Ordering::Acquire);
                    if known > 0 {
                        assert!(is_revoked(&view, known as u128 - 1, 0), "{known}");
                        assert!(is_revoked(&view, (known as u128 * 7) % known as u128, 0));
                    }
                    assert!(!is_revoked(&view, COUNT as u128, 0));
                    if known == COUNT {
                        break;
                    }
                }
            });
        }
    });
    assert!((0..COUNT).all(|number| is_revoked(&view, number as u128, 0)));
}

#[test]
fn a_token_that_was_clear_is_looked_up_again_after_every_change() {
    let view = view();
    let (claims, clear) = (claims(7, 1), Clear::never());
    let marks = view.marks(&claims, KEY);
    assert!(!view.revokes(&marks, 1, &clear));
    for number in 0..5 {
        view.insert([revocation(revoked(0, 100 + number, 0))]).unwrap();
        assert!(!view.revokes(&marks, 1, &clear));
    }
    view.forget(1_000);
    assert!(!view.revokes(&marks, 1, &clear));
    view.insert([revocation(revoked(0, 7, 0))]).unwrap();
    assert!(view.revokes(&marks, 1, &clear) && view.revokes(&marks, 1, &clear));
}

#[test]
fn a_note_is_never_newer_than_what_was_looked_at() {
    const ROUNDS: u128 = 3_000;
    let (view, revoked_so_far) = (view(), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..ROUNDS {
                view.insert([revocation(revoked(0, number, 0))]).unwrap();
                revoked_so_far.store(number as usize + 1, Ordering::Release);
            }
        });
        scope.spawn(|| {
            for number in 0..ROUNDS {
                // Asked all the time while it is revoked by the other thread: it must be refused once that is done.
                let (claims, clear) = (claims(number, 0), Clear::never());
                let marks = view.marks(&claims, KEY);
                while revoked_so_far.load(Ordering::Acquire) <= number as usize {
                    let _ = view.revokes(&marks, 0, &clear);
                }
                assert!(view.revokes(&marks, 0, &clear), "{number}");
            }
        });
    });
}

/// `cargo nextest run -p verifier --run-ignored only -E 'test(nobody_waits)' --no-capture`
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement")]
fn nobody_waits_while_a_million_are_forgotten() {
    const MILLION: u128 = 1_000_000;
    let view = View::new(2_000_000, &SystemEntropy);
    let ends = (0..MILLION).map(|number| Revocation { what: revoked(0, number, 0), forget_at: 100 });
    view.insert(ends).unwrap();
    let (claims, done) = (claims(MILLION, 0), AtomicBool::new(false));
    let marks = view.marks(&claims, KEY);
    // What each of them takes when it is repeated until all is forgotten: how often, the longest, and in all.
    let repeated = |action: &dyn Fn(u128)| {
        let (mut times, mut longest, began) = (0, Duration::ZERO, Instant::now());
        while !done.load(Ordering::Relaxed) {
            let one = Instant::now();
            action(times);
            longest = longest.max(one.elapsed());
            times += 1;
        }
        (times, longest, began.elapsed())
    };
    let (reads, writes, taken) = thread::scope(|scope| {
        let reads = scope.spawn(|| repeated(&|_| assert!(!view.look_up(&marks, 0, 0))));
        let write = |time| view.insert([revocation(revoked(0, 2 * MILLION + time, 0))]).unwrap();
        let writes = scope.spawn(move || repeated(&write));
        let began = Instant::now();
        view.forget(100);
        let taken = began.elapsed();
        done.store(true, Ordering::Relaxed);
        (reads.join().unwrap(), writes.join().unwrap(), taken)
    });
    eprintln!("forgotten in {taken:?}; looked up {reads:?}; revoked {writes:?}: times, longest, in all");
    assert_eq!(view.len() as u128, writes.0);
}

proptest! {
    /// However many are revoked between two questions about one token.
    #[test]
    fn a_note_changes_no_answer(steps in proptest::collection::vec((0..8_u8, 0..40_u128, 0..3_u32, 1..20_usize), 0..80)) {
        let view = view();
        let tokens = (0..40).map(|number| (claims(number, 1), Clear::never())).collect::<Vec<_>>();
        for (step, number, version, times) in steps {
            if step < 5 {
                let what = (number..).take(times).map(|number| revocation(revoked(step, number, version)));
                view.insert(what).unwrap();
            }
            let (claims, clear) = &tokens[number as usize];
            let marks = view.marks(claims, "key-7");
            prop_assert_eq!(view.revokes(&marks, 1, clear), view.revokes(&marks, 1, &Clear::never()));
        }
    }

    #[test]
    fn it_says_what_a_list_would_say(
        steps in proptest::collection::vec((0..5_u8, 0..6_u128, 0..4_u32, 0..50_i64), 0..60),
        now in 0..50_i64,
    ) {
        let view = view();
        let mut list = Vec::new();
        for (kind, number, version, forget_at) in steps {
            let what = revoked(kind, number, version);
            view.insert([Revocation { what: what.clone(), forget_at }]).unwrap();
            list.push((what, forget_at));
        }
        view.forget(now);
        for (number, version) in (0..6).flat_map(|number| (0..5).map(move |version| (number, version))) {
            let concerns = |what: &Revoked| match what {
                Revoked::Session(id) => id.0 == Uuid::from_u128(number),
                Revoked::Subject { subject, least_version } => subject.0 == Uuid::from_u128(number) && version < *least_version,
                Revoked::Token(id) => id.0 == number.to_string(),
                Revoked::Client(id) => *id == number.to_string(),
                Revoked::Key(kid) => kid == KEY,
            };
            // Of two revocations of one thing both hold for as long as the longer one.
            let ends = |what: &Revoked| list.iter().filter(|(other, _)| match (other, what) {
                (Revoked::Subject { subject: one, .. }, Revoked::Subject { subject: other, .. }) => one == other,
                _ => other == what,
            }).map(|(_, end)| *end).max().unwrap_or(0);
            let expected = list.iter().any(|(what, _)| concerns(what) && ends(what) > now);
            prop_assert_eq!(is_revoked(&view, number, version), expected, "{} {}", number, version);
        }
    }
}
