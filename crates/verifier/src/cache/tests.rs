//! The bounds of the cache, and that it finds what it was given and nothing else. What is done with what it finds is
//! shown by `tests/it/cache.rs`.

use std::{collections::HashMap, thread};

use identity::SystemEntropy;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    revocation::{Clear, View},
    verified::Parts,
};

const MOST_BYTES: usize = 64 * 1024;

/// Which tokens are mistaken for others that came before depends on it.
struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x5a);
    }
}

fn cache(tokens: usize) -> Cache {
    let limits = Limits { cached_tokens: tokens, cached_bytes: MOST_BYTES, ..Limits::default() };
    Cache::new(&limits, &NoEntropy)
}

fn verified(text: &str, verified_at: i64, size: usize) -> Verified {
    let claims = serde_json::from_value(json!({
        "iss": "i", "sub": "01890a5d-ac96-774b-bcce-b302099a8057", "aud": [], "exp": 0, "iat": 0, "nbf": 0, "jti": "j",
        "client_id": "c", "sid": "01890a5d-ac96-774b-bcce-b302099a8057", "ver": 1, "scope": "", "roles": [],
        "auth_time": 0,
    }));
    let claims = claims.unwrap();
    let marks = View::new(1, &SystemEntropy).marks(&claims, "k");
    Verified::new(Parts {
        token: text.as_bytes().into(),
        claims,
        marks,
        issuer: 0,
        key_set: 0,
        clear: Clear::never(),
        verified_at,
        size,
    })
}

/// What comes for the second time.
fn insert(cache: &Cache, token: &Verified) {
    cache.seen.note(cache.hash(token.token().as_bytes()));
    cache.insert(token);
}

/// What is found and nothing is wrong with.
fn find(cache: &Cache, text: &[u8], now: i64) -> Option<Verified> {
    cache.find(text, now, |_| Some(Ok(()))).map(Result::unwrap)
}

fn entries(cache: &Cache) -> Vec<Verified> {
    cache
        .sets
        .iter()
        .flat_map(|set| {
            lock(set)
                .entries
                .iter()
                .filter_map(|entry| Some(entry.as_ref()?.verified.clone()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_token_is_found_by_its_whole_text() {
    let cache = cache(80);
    let text = format!("{}.signature-signature-signature", "x".repeat(100));
    insert(&cache, &verified(&text, 0, 100));
    assert_eq!(find(&cache, text.as_bytes(), 0).unwrap().token(), text);
    for index in 0..text.len() {
        let mut other = text.clone().into_bytes();
        other[index] ^= 1;
        assert!(find(&cache, &other, 0).is_none(), "byte {index}");
    }
    for other in [&text[1..], &text[..text.len() - 1], &format!("x{text}"), &format!("{text}x"), ""] {
        assert!(find(&cache, other.as_bytes(), 0).is_none(), "{other}");
    }
}

#[test]
fn tokens_of_one_hash_are_told_apart() {
    let cache = cache(8);
    let tail = "t".repeat(16);
    let texts: Vec<_> = (0..WAYS).map(|number| format!("{number}.{tail}")).collect();
    for text in &texts {
        insert(&cache, &verified(text, 0, 100));
    }
    for text in &texts {
        assert_eq!(find(&cache, text.as_bytes(), 0).unwrap().token(), text);
    }
}

#[test]
fn it_is_remembered_for_its_time_and_not_before_it() {
    let cache = cache(8);
    insert(&cache, &verified("t", 1000, 100));
    let found = [999, 1000, 1059, 1060].map(|now| find(&cache, b"t", now).is_some());
    assert_eq!(found, [false, true, true, false]);
    cache.sweep(1059);
    assert_eq!((entries(&cache).len(), cache.bytes()), (1, 100));
    cache.sweep(1060);
    assert_eq!((entries(&cache).len(), cache.bytes()), (0, 0));
}

#[test]
fn a_token_that_is_verified_again_takes_its_own_place() {
    let cache = cache(8);
    for time in 0..100 {
        insert(&cache, &verified("t", time, 100));
    }
    assert_eq!((entries(&cache).len(), cache.bytes()), (1, 100));
    assert!(find(&cache, b"t", 158).is_some());
}

#[test]
fn the_oldest_gives_way() {
    let cache = cache(8);
    for time in 0..9 {
        insert(&cache, &verified(&time.to_string(), time, 100));
    }
    let left: Vec<_> =
        (0..9).filter(|time: &i64| find(&cache, time.to_string().as_bytes(), 8).is_some()).collect();
    assert_eq!(left, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_token_gets_in_when_it_comes_again() {
    let cache = cache(80);
    cache.insert(&verified("once", 0, 100));
    assert_eq!((entries(&cache).len(), cache.bytes()), (0, 0));
    cache.insert(&verified("once", 1, 100));
    assert!(find(&cache, b"once", 1).is_some());
}

#[test]
fn tokens_that_come_once_push_nothing_out() {
    let cache = cache(8);
    let text = |number: u32| format!("{number:016}");
    for number in 0..8 {
        insert(&cache, &verified(&text(number), 0, 100));
    }
    for number in 8..20 {
        cache.insert(&verified(&text(number), 1, 100));
    }
    assert!((0..8).all(|number| find(&cache, text(number).as_bytes(), 1).is_some()));
}

#[test]
fn it_can_be_switched_off() {
    let cache = cache(0);
    insert(&cache, &verified("t", 0, 100));
    assert!(find(&cache, b"t", 0).is_none());
    assert_eq!(cache.bytes(), 0);
}

#[test]
fn threads_do_not_push_it_over_its_bounds() {
    let cache = cache(64);
    thread::scope(|scope| {
        for worker in 0..4 {
            let cache = &cache;
            scope.spawn(move || {
                for number in 0..2_000 {
                    let text = format!("{worker}-{number}");
                    insert(cache, &verified(&text, number, 3_000));
                    let _ = find(cache, text.as_bytes(), number);
                }
            });
        }
    });
    let entries = entries(&cache);
    assert!(!entries.is_empty() && cache.bytes() <= MOST_BYTES);
    assert_eq!(cache.bytes(), entries.iter().map(Verified::size).sum::<usize>());
}

proptest! {
    #[test]
    fn bounds_hold_and_nothing_is_found_that_was_not_inserted(
        tokens in proptest::collection::vec(("[a-c]{1,3}", 0..200_i64, 1..40_000_usize), 1..200),
        count in 0..6_usize,
    ) {
        let cache = cache(count * 8);
        let mut last = HashMap::new();
        for (text, time, size) in &tokens {
            insert(&cache, &verified(text, *time, *size));
            last.insert(text.clone(), *time);
            let entries = entries(&cache);
            prop_assert!(entries.len() <= count * 8 && cache.bytes() <= MOST_BYTES);
            prop_assert_eq!(cache.bytes(), entries.iter().map(Verified::size).sum::<usize>());
        }
        for (text, _, _) in &tokens {
            if let Some(found) = find(&cache, text.as_bytes(), 100) {
                prop_assert_eq!((found.token(), found.verified_at()), (text.as_str(), last[text]));
                prop_assert!((41..=100).contains(&found.verified_at()));
            }
        }
    }
}
