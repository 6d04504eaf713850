//! How a private key rests in the database: AES-256-GCM under a key derived from the master key.
//!
//! A sealed box is `version 1 │ nonce 12 │ ciphertext │ tag 16`. What the box is for and which key lies in it
//! are bound as associated data, so a box moved to another row, or to another use, does not open. The first master key
//! seals, every one opens.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use identity::Entropy;
use zeroize::Zeroizing;

use crate::master_key::{MasterKey, MasterKeys};

const VERSION: u8 = 1;
const PURPOSE: &str = "signing key vault v1";

/// Seals and opens private keys. The master keys themselves are not kept.
pub(crate) struct Vault {
    current: LessSafeKey,
    former: Vec<LessSafeKey>,
}

/// What lay in a box.
pub(crate) struct Opened {
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// Whether the first master key opened it.
    pub(crate) is_current: bool,
}

/// The box does not open: another master key, another row, or a changed byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored private key does not open: it was sealed under another master key, or altered")]
pub(crate) struct Sealed;

impl Vault {
    pub(crate) fn new(master_keys: &MasterKeys) -> Self {
        Self { current: key(master_keys.current()), former: master_keys.former().iter().map(key).collect() }
    }

    /// Seals `secret`, the private half of the key called `kid`.
    #[expect(clippy::expect_used, reason = "AES-GCM takes up to 64 GiB, a private key has some 2 KiB")]
    pub(crate) fn seal(&self, kid: &str, secret: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        // 96 random bits a key: a handful of keys a year stays far below the 2³² of SP 800-38D §8.3.
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut content = Zeroizing::new(secret.to_vec());
        let tag = self
            .current
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                associated(kid),
                content.as_mut_slice(),
            )
            .expect("a private key is short enough to be sealed");
        [&[VERSION], nonce.as_slice(), content.as_slice(), tag.as_ref()].concat()
    }

    /// Opens what [`Vault::seal`] made for the same `kid`, under whichever master key.
    pub(crate) fn open(&self, kid: &str, sealed: &[u8]) -> Result<Opened, Sealed> {
        if let Ok(content) = open(&self.current, kid, sealed) {
            return Ok(Opened { content, is_current: true });
        }
        let content = self.former.iter().find_map(|former| open(former, kid, sealed).ok());
        Ok(Opened { content: content.ok_or(Sealed)?, is_current: false })
    }
}

fn open(key: &LessSafeKey, kid: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    let (version, rest) = sealed.split_first().ok_or(Sealed)?;
    let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Sealed)?;
    if *version != VERSION {
        return Err(Sealed);
    }
    let mut content = Zeroizing::new(content.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, associated(kid), content.as_mut_slice()).map_err(|_| Sealed)?.len();
    content.truncate(length);
    Ok(content)
}

#[expect(clippy::expect_used, reason = "a key of 32 bytes is what AES-256 takes")]
fn key(master_key: &MasterKey) -> LessSafeKey {
    let key = master_key.derive(PURPOSE, b"");
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("32 bytes are an AES-256 key"))
}

fn associated(kid: &str) -> Aad<Vec<u8>> {
    Aad::from([PURPOSE.as_bytes(), b"\0", kid.as_bytes()].concat())
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    fn vault(seeds: &[u8]) -> Vault {
        let keys = seeds.iter().map(|seed| {
            let mut key = [*seed; 32];
            key[0] = !seed;
            MasterKey::new(&key)
        });
        Vault::new(&MasterKeys::new(keys.collect()).unwrap())
    }

    fn open(seeds: &[u8], kid: &str, sealed: &[u8]) -> Result<(Vec<u8>, bool), Sealed> {
        vault(seeds).open(kid, sealed).map(|opened| (opened.content.to_vec(), opened.is_current))
    }

    #[test]
    fn opens_what_it_sealed_and_never_seals_alike() {
        let (one, two) = (
            vault(&[1]).seal("k", b"secret", &SystemEntropy),
            vault(&[1]).seal("k", b"secret", &SystemEntropy),
        );
        assert_ne!(one, two);
        assert_eq!(open(&[1], "k", &one), Ok((b"secret".to_vec(), true)));
        assert!(!one.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn the_first_master_key_seals_and_every_one_opens() {
        let (old, new) = (
            vault(&[1, 2]).seal("k", b"secret", &SystemEntropy),
            vault(&[3, 1]).seal("k", b"secret", &SystemEntropy),
        );
        assert_eq!(open(&[3, 2, 1], "k", &old), Ok((b"secret".to_vec(), false)));
        assert_eq!(open(&[3, 2, 1], "k", &new), Ok((b"secret".to_vec(), true)));
        assert_eq!(open(&[2, 3], "k", &old), Err(Sealed));
    }

    #[test]
    fn another_master_key_another_row_or_any_changed_byte_stays_shut() {
        let sealed = vault(&[1]).seal("k", b"secret", &SystemEntropy);
        assert_eq!(open(&[2], "k", &sealed), Err(Sealed));
        assert_eq!(open(&[1], "l", &sealed), Err(Sealed));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&[1], "k", &changed), Err(Sealed), "byte {at}");
            assert_eq!(open(&[1], "k", &sealed[..at]), Err(Sealed), "cut at {at}");
        }
    }
}
