//! The master key: the one secret an operator must keep. Everything secret at rest depends on it, and nothing
//! is ever encrypted or signed with it directly: each use derives a key of its own (HKDF, RFC 5869).
//!
//! There may be several, so that one can be replaced: the first protects what is new, every one of them opens what is there.
//! Where next: `signing::vault` and `domain::refresh_token`, its two uses, and `domain::admin_link`, the third.

use std::{fmt, str::FromStr};

use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

/// Length of the master key and of every derived key, in bytes.
pub(crate) const KEY_LENGTH: usize = 32;

/// 256 secret bits, held only in extracted form. Never shown, not even by `Debug`.
#[derive(Clone)]
pub struct MasterKey(Prk);

/// The master keys of an issuer: the one in use, and those that were in use before.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    current: MasterKey,
    former: Vec<MasterKey>,
}

/// The text is not a master key. Says nothing of the text: it may be one with a slip in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a master key is 32 random bytes, written as 64 hexadecimal digits or as base64; up to 8 of them, each on a line of its own"
)]
pub struct InvalidMasterKey;

impl MasterKey {
    /// A master key out of its bytes.
    #[must_use]
    pub fn new(bytes: &[u8; KEY_LENGTH]) -> Self {
        Self(Salt::new(HKDF_SHA256, b"signet auth-service").extract(bytes))
    }

    /// The key for one use: `purpose` names the use, `subject` the thing that it is for.
    ///
    /// `purpose` must not be the beginning of another purpose, or the two could be made to collide.
    #[expect(clippy::expect_used, reason = "HKDF expands to 8,160 bytes, this asks for 32")]
    pub(crate) fn derive(&self, purpose: &str, subject: &[u8]) -> Zeroizing<[u8; KEY_LENGTH]> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        self.0
            .expand(&[purpose.as_bytes(), subject], HKDF_SHA256)
            .and_then(|okm| okm.fill(key.as_mut()))
            .expect("32 bytes can be derived");
        key
    }
}

impl MasterKeys {
    /// How many there may be.
    pub const MOST: usize = 8;

    /// `None` if there is no key, or more than [`MOST`](Self::MOST).
    #[must_use]
    pub fn new(keys: Vec<MasterKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        let (current, former) = (keys.next()?, keys.collect::<Vec<_>>());
        (former.len() < Self::MOST).then_some(Self { current, former })
    }

    pub(crate) fn current(&self) -> &MasterKey {
        &self.current
    }

    pub(crate) fn former(&self) -> &[MasterKey] {
        &self.former
    }

    /// All of them, the current one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.former)
    }
}

/// One key a line, or several with blanks between them.
impl FromStr for MasterKeys {
    type Err = InvalidMasterKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let keys = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        Self::new(keys).ok_or(InvalidMasterKey)
    }
}

/// Accepts 64 hexadecimal digits, or base64 in either alphabet, padded or not.
impl FromStr for MasterKey {
    type Err = InvalidMasterKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let bytes = if text.len() == 2 * KEY_LENGTH { hexadecimal(text) } else { base64(text) };
        let bytes: Zeroizing<[u8; KEY_LENGTH]> =
            Zeroizing::new(bytes.and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or(InvalidMasterKey)?);
        // A key of one repeated byte was typed, not drawn: it is somebody's placeholder.
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(InvalidMasterKey);
        }
        Ok(Self::new(&bytes))
    }
}

fn hexadecimal(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(digits.collect::<Option<_>>()?);
    Some(Zeroizing::new(
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect(),
    ))
}

fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [STANDARD, URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok())
        .map(Zeroizing::new)
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 32] = [
        0xfb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
        27, 28, 29, 30, 0xff,
    ];

    fn fingerprint(key: &MasterKey) -> [u8; 32] {
        *key.derive("test", b"")
    }

    #[test]
    fn every_spelling_is_the_same_key() {
        let expected = fingerprint(&MasterKey::new(&BYTES));
        let hex = BYTES.map(|byte| format!("{byte:02x}")).concat();
        let standard = base64::engine::general_purpose::STANDARD.encode(BYTES);
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(BYTES);
        for text in [hex.clone(), hex.to_uppercase(), standard, url, format!("{hex}\n")] {
            assert_eq!(fingerprint(&text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn several_keys_stand_on_lines_of_their_own() {
        let hex = |digit: &str| format!("01{}", digit.repeat(31));
        let text = format!("{}\n{}\n\n", hex("ab"), hex("cd"));
        let keys: MasterKeys = text.parse().unwrap();
        let expected = [hex("ab"), hex("cd")].map(|one| fingerprint(&one.parse().unwrap()));
        assert_eq!(keys.all().map(fingerprint).collect::<Vec<_>>(), expected);
        let many = format!("{}\n", hex("ab")).repeat(9);
        for text in ["", "\n", &many, &format!("{}\nchangeme", hex("ab"))] {
            assert_eq!(text.parse::<MasterKeys>().unwrap_err(), InvalidMasterKey, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_key() {
        let short = "ab".repeat(31);
        let placeholder = "00".repeat(32);
        let not_hex = "zz".repeat(32);
        for text in ["", "changeme", &short, &placeholder, &not_hex] {
            assert_eq!(text.parse::<MasterKey>().unwrap_err(), InvalidMasterKey, "{text}");
        }
    }

    #[test]
    fn uses_and_subjects_have_keys_of_their_own() {
        let key = MasterKey::new(&BYTES);
        assert_ne!(*key.derive("one", b"x"), *key.derive("two", b"x"));
        assert_ne!(*key.derive("one", b"x"), *key.derive("one", b"y"));
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
    }
}
