//! Refresh tokens: what they look like, how they are made and read.
//!
//! A token is 57 bytes as 76 characters of base64url:
//!
//! ```text
//! version 1 │ session id 16 │ generation 4 │ HMAC-SHA256 32 │ CRC-32 4
//! ```
//!
//! The HMAC's key is derived from the master key and the session id, so the database holds nothing that could
//! be presented. The checksum refuses slips and garbage before any cryptography, the HMAC refuses forgeries
//! before the database is asked. And since a token is a function of (session, generation), the successor of a
//! token can be given again to a client that lost the answer. Where next: [`super::session`].

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::SessionId;
use secrecy::SecretString;
use uuid::Uuid;

use crate::master_key::{MasterKey, MasterKeys};

const VERSION: u8 = 1;
const PURPOSE: &str = "refresh token v1";
const BODY: usize = 1 + 16 + 4;
const TAG: usize = 32;
const SEALED: usize = BODY + TAG;
const WHOLE: usize = SEALED + 4;

/// What an authentic refresh token says. It does not mean that the session lives or that the token is its newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// The session it renews.
    pub(crate) session_id: SessionId,
    /// How often the session had been renewed when the token was made.
    pub(crate) generation: u32,
}

/// The text is no token of ours. Which check failed is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token of this issuer")]
pub(crate) struct NotOurs;

/// Makes refresh tokens under the current master key, and reads those made under any.
#[derive(Clone)]
pub(crate) struct RefreshTokens(MasterKeys);

impl RefreshTokens {
    pub(crate) fn new(master_keys: MasterKeys) -> Self {
        Self(master_keys)
    }

    /// The token's text. The same session and generation always give the same text.
    pub(crate) fn write(&self, token: RefreshToken) -> SecretString {
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.push(VERSION);
        bytes.extend_from_slice(token.session_id.0.as_bytes());
        bytes.extend_from_slice(&token.generation.to_be_bytes());
        let tag = hmac::sign(&key(self.0.current(), token.session_id), &bytes);
        bytes.extend_from_slice(tag.as_ref());
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes).into()
    }

    /// Reads a presented token.
    pub(crate) fn parse(&self, text: &str) -> Result<RefreshToken, NotOurs> {
        // 57 bytes are 76 characters exactly, so no padding or spare bits give a token a second spelling.
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotOurs)?;
        let bytes: &[u8; WHOLE] = bytes.as_slice().try_into().map_err(|_| NotOurs)?;
        let (sealed, checksum) = bytes.split_at(SEALED);
        if crc32fast::hash(sealed).to_be_bytes() != checksum {
            return Err(NotOurs);
        }
        let (body, tag) = sealed.split_at(BODY);
        let token = read_body(body)?;
        let is_ours = self.0.all().any(|master_key| {
            let expected = hmac::sign(&key(master_key, token.session_id), body);
            constant_time::verify_slices_are_equal(expected.as_ref(), tag).is_ok()
        });
        is_ours.then_some(token).ok_or(NotOurs)
    }
}

fn key(master_key: &MasterKey, session_id: SessionId) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, master_key.derive(PURPOSE, session_id.0.as_bytes()).as_ref())
}

fn read_body(body: &[u8]) -> Result<RefreshToken, NotOurs> {
    let (version, rest) = body.split_first().ok_or(NotOurs)?;
    let (id, generation) = rest.split_at_checked(16).ok_or(NotOurs)?;
    if *version != VERSION {
        return Err(NotOurs);
    }
    Ok(RefreshToken {
        session_id: SessionId(Uuid::from_slice(id).map_err(|_| NotOurs)?),
        generation: u32::from_be_bytes(generation.try_into().map_err(|_| NotOurs)?),
    })
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokens")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn tokens(seed: u8) -> RefreshTokens {
        tokens_of(&[seed])
    }

    fn tokens_of(seeds: &[u8]) -> RefreshTokens {
        let keys = seeds.iter().map(|seed| {
            let mut key = [*seed; 32];
            key[0] = seed.wrapping_add(1);
            MasterKey::new(&key)
        });
        RefreshTokens::new(MasterKeys::new(keys.collect()).unwrap())
    }

    fn token(id: u128, generation: u32) -> RefreshToken {
        RefreshToken { session_id: SessionId(Uuid::from_u128(id)), generation }
    }

    /// Changes what an attacker can change and mends the checksum, which is no secret.
    fn forged(text: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        change(&mut bytes);
        bytes.truncate(SEALED);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(id: u128, generation: u32) {
            let text = tokens(1).write(token(id, generation));
            prop_assert_eq!(text.expose_secret().len(), 76);
            prop_assert_eq!(tokens(1).parse(text.expose_secret()), Ok(token(id, generation)));
        }

        #[test]
        fn the_successor_can_be_given_again(id: u128, generation: u32) {
            let again = tokens(1).write(token(id, generation));
            let first = tokens(1).write(token(id, generation));
            prop_assert_eq!(first.expose_secret(), again.expose_secret());
        }

        #[test]
        fn another_master_key_refuses(id: u128, generation: u32) {
            let text = tokens(1).write(token(id, generation));
            prop_assert_eq!(tokens(2).parse(text.expose_secret()), Err(NotOurs));
        }

        #[test]
        fn a_changed_bit_is_refused_even_with_a_mended_checksum(id: u128, bit in 0..SEALED * 8) {
            let text = tokens(1).write(token(id, 7));
            let other = forged(text.expose_secret(), |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            prop_assert_eq!(tokens(1).parse(&other), Err(NotOurs));
        }

        #[test]
        fn garbage_is_refused(text in ".{0,200}") {
            prop_assert_eq!(tokens(1).parse(&text), Err(NotOurs));
        }

        #[test]
        fn one_slip_is_refused(id: u128, at in 0usize..76, letter in "[A-Za-z0-9_-]") {
            let text = tokens(1).write(token(id, 7)).expose_secret().to_owned();
            let slipped = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
            prop_assert_eq!(tokens(1).parse(&slipped).is_ok(), slipped == text);
        }
    }

    #[test]
    fn a_former_master_key_is_still_known_and_makes_nothing_new() {
        let (old, new) = (tokens(1).write(token(5, 7)), tokens_of(&[2, 1]).write(token(5, 7)));
        assert_eq!(tokens_of(&[2, 1]).parse(old.expose_secret()), Ok(token(5, 7)));
        assert_eq!(tokens(2).parse(new.expose_secret()), Ok(token(5, 7)));
        assert_eq!(tokens(2).parse(old.expose_secret()), Err(NotOurs));
    }

    #[test]
    fn padding_and_blanks_give_no_second_spelling() {
        let text = tokens(1).write(token(5, 7)).expose_secret().to_owned();
        for other in [format!("{text}="), format!(" {text}"), format!("{text}\n"), format!("{text}AAAA")] {
            assert_eq!(tokens(1).parse(&other), Err(NotOurs));
        }
    }
}
