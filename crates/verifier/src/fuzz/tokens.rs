//! Whole tokens: none is accepted but the original, and that has one spelling.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::{
    cases,
    damage::{damaged, steps},
};
use crate::{
    Limits, Verifier,
    testing::{Issuer, Script, TestClock},
    token::{KnownHeaders, Token},
};

/// A verifier that knows its keys, and a token that it accepts.
struct World {
    verifier: Verifier,
    token: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let clock = Arc::new(TestClock::default());
    let issuer = Issuer::new("https://auth.example", clock.clone());
    let verifier = Verifier::builder(issuer.trust("users"))
        .clock(clock)
        .script(Script::new(issuer.answer()))
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::select! {
            () = verifier.run() => {}
            () = verifier.until_usable() => {}
        }
    });
    World { verifier, token: issuer.token().mint() }
});

/// Whether this is a token to the verifier, without waiting for anything.
fn is_accepted(value: &[u8]) -> bool {
    WORLD.verifier.authenticate_now([value].into_iter()).is_some_and(|verdict| verdict.is_ok())
}

/// `token` with one of its parts decoded, damaged and encoded again.
fn damaged_inside(token: &str, part: usize, steps: &[super::damage::Step]) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
    parts[part] = URL_SAFE_NO_PAD.encode(damaged(bytes, steps));
    parts.join(".")
}

/// What is true of every token that comes apart: put together again it is the same text.
fn comes_together_again(text: &[u8]) -> Result<(), TestCaseError> {
    let parsed = Token::parse(text, &Limits::default(), &KnownHeaders::default());
    let Ok(token) = parsed else { return Ok(()) };
    prop_assert_eq!(token.text, text);
    let text = str::from_utf8(text).unwrap();
    let parts: Vec<_> = text.split('.').collect();
    let again: Vec<_> =
        parts.iter().map(|part| URL_SAFE_NO_PAD.encode(URL_SAFE_NO_PAD.decode(part).unwrap())).collect();
    prop_assert_eq!(&again.join("."), text);
    let signed = [parts[0], parts[1]].join(".");
    prop_assert_eq!(token.signed, signed.as_bytes());
    prop_assert_eq!(URL_SAFE_NO_PAD.encode(token.payload()), parts[1]);
    prop_assert_eq!(URL_SAFE_NO_PAD.encode(token.signature()), parts[2]);
    prop_assert_eq!(parts.len(), 3);
    Ok(())
}

#[test]
fn the_original_is_accepted() {
    assert!(is_accepted(format!("Bearer {}", WORLD.token).as_bytes()));
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn no_damage_to_a_token_is_overlooked(steps in steps()) {
        let token = damaged(&WORLD.token, &steps);
        comes_together_again(&token)?;
        let accepted = is_accepted(&[b"Bearer ", token.as_slice()].concat());
        // A blank more in front belongs to the scheme (RFC 6750 §2.1).
        let same = token.trim_prefix_blanks() == WORLD.token.as_bytes();
        prop_assert_eq!(accepted, same);
    }

    #[test]
    fn no_damage_inside_a_token_is_overlooked(part in 0_usize..3, steps in steps()) {
        let token = damaged_inside(&WORLD.token, part, &steps);
        comes_together_again(token.as_bytes())?;
        prop_assert_eq!(is_accepted(format!("Bearer {token}").as_bytes()), token == WORLD.token);
    }

    #[test]
    fn no_damage_to_a_header_is_overlooked(steps in steps()) {
        let value = damaged(format!("Bearer {}", WORLD.token), &steps);
        let (scheme, rest) = value.split_at_checked(6).unwrap_or_default();
        let same = scheme.eq_ignore_ascii_case(b"bearer")
            && rest.first() == Some(&b' ')
            && rest.trim_prefix_blanks() == WORLD.token.as_bytes();
        prop_assert_eq!(is_accepted(&value), same);
    }

    #[test]
    fn no_bytes_are_a_token(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        comes_together_again(&bytes)?;
        prop_assert!(!is_accepted(&[b"Bearer ", bytes.as_slice()].concat()));
    }
}

trait Blanks {
    fn trim_prefix_blanks(&self) -> &[u8];
}

impl<T: AsRef<[u8]>> Blanks for T {
    fn trim_prefix_blanks(&self) -> &[u8] {
        let bytes = self.as_ref();
        let blanks = bytes.iter().take_while(|byte| **byte == b' ').count();
        &bytes[blanks..]
    }
}
