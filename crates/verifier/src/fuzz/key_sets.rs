//! Key sets: what is taken from a damaged one was in it, once, and in public.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    cases,
    damage::{damaged, steps},
    reference::is_strict,
};
use crate::{
    Algorithm, Limits,
    keys::{KeySet, SetFault},
    testing::{Issuer, TestClock},
};

fn parse(document: &[u8], limits: &Limits) -> Result<KeySet, SetFault> {
    KeySet::parse(document, &[Algorithm::Rs256], limits)
}

/// Two keys that verify tokens, and one that does something else.
fn good() -> String {
    let issuer = Issuer::new("https://auth.example", Arc::new(TestClock::default()));
    issuer.rotate();
    let mut set = serde_json::to_value(issuer.key_set()).unwrap();
    let foreign =
        json!({ "kty": "EC", "crv": "P-256", "kid": "ec", "x": "AA", "y": "AA", "key_ops": ["verify"] });
    set["keys"].as_array_mut().unwrap().insert(1, foreign);
    set.to_string()
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn what_is_taken_from_a_damaged_set_was_in_it(steps in steps()) {
        let document = damaged(good(), &steps);
        let limits = Limits::default();
        let Ok(set) = parse(&document, &limits) else { return Ok(()) };
        prop_assert!(is_strict(&document, limits.json_depth));
        let read: Value = serde_json::from_slice(&document).unwrap();
        let keys = read["keys"].as_array().unwrap();
        prop_assert!(set.len() <= keys.len() && (1..=2).contains(&set.len()));
        prop_assert!(keys.iter().all(|key| key.is_object() && key["kty"] != "oct"));
        for secret in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            prop_assert!(keys.iter().all(|key| key.get(secret).is_none()), "{}", secret);
        }
        let usable = keys.iter().filter(|key| {
            key["kid"].as_str().is_some_and(|kid| set.find(kid).is_some())
                && key["kty"] == "RSA"
                && key["e"] == "AQAB"
                && key.get("use").is_none_or(|usage| usage.is_null() || usage == "sig")
                && key.get("alg").is_none_or(|alg| alg.is_null() || alg == "RS256")
        });
        prop_assert_eq!(usable.count(), set.len());
    }

    #[test]
    fn no_bytes_are_a_key_set(document in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(parse(&document, &Limits::default()).is_err());
    }
}
