//! How a private key rests in the database: AES-256-GCM under a key derived from the master key.
//!
//! A sealed box is `version 1 │ nonce 12 │ ciphertext │ tag 16`. What the box is for and which key lies in it
//! are bound as associated data, so a box moved to another row, or to another use, does not open.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use identity::Entropy;
use zeroize::Zeroizing;

use crate::master_key::MasterKey;

const VERSION: u8 = 1;
const PURPOSE: &str = "signing key vault v1";

/// Seals and opens private keys. The master key itself is not kept.
pub(crate) struct Vault(LessSafeKey);

/// The box does not open: another master key, another row, or a changed byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored private key does not open: it was sealed under another master key, or altered")]
pub(crate) struct Sealed;

impl Vault {
    #[expect(clippy::expect_used, reason = "a key of 32 bytes is what AES-256 takes")]
    pub(crate) fn new(master_key: &MasterKey) -> Self {
        let key = master_key.derive(PURPOSE, b"");
        Self(LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("32 bytes are an AES-256 key"),
        ))
    }

    /// Seals `secret`, the private half of the key called `kid`.
    #[expect(clippy::expect_used, reason = "AES-GCM takes up to 64 GiB, a private key has some 2 KiB")]
    pub(crate) fn seal(&self, kid: &str, secret: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        // 96 random bits a key: a handful of keys a year stays far below the 2³² of SP 800-38D §8.3.
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut content = Zeroizing::new(secret.to_vec());
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                associated(kid),
                content.as_mut_slice(),
            )
            .expect("a private key is short enough to be sealed");
        [&[VERSION], nonce.as_slice(), content.as_slice(), tag.as_ref()].concat()
    }

    /// Opens what [`Vault::seal`] made for the same `kid`.
    pub(crate) fn open(&self, kid: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        let (version, rest) = sealed.split_first().ok_or(Sealed)?;
        let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Sealed)?;
        if *version != VERSION {
            return Err(Sealed);
        }
        let mut content = Zeroizing::new(content.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length =
            self.0.open_in_place(nonce, associated(kid), content.as_mut_slice()).map_err(|_| Sealed)?.len();
        content.truncate(length);
        Ok(content)
    }
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

    fn vault(seed: u8) -> Vault {
        let mut key = [seed; 32];
        key[0] = !seed;
        Vault::new(&MasterKey::new(&key))
    }

    #[test]
    fn opens_what_it_sealed_and_never_seals_alike() {
        let (one, two) =
            (vault(1).seal("k", b"secret", &SystemEntropy), vault(1).seal("k", b"secret", &SystemEntropy));
        assert_ne!(one, two);
        assert_eq!(vault(1).open("k", &one).unwrap().as_slice(), b"secret");
        assert!(!one.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn another_master_key_another_row_or_any_changed_byte_stays_shut() {
        let sealed = vault(1).seal("k", b"secret", &SystemEntropy);
        assert_eq!(vault(2).open("k", &sealed).unwrap_err(), Sealed);
        assert_eq!(vault(1).open("l", &sealed).unwrap_err(), Sealed);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(vault(1).open("k", &changed).unwrap_err(), Sealed, "byte {at}");
            assert_eq!(vault(1).open("k", &sealed[..at]).unwrap_err(), Sealed, "cut at {at}");
        }
    }
}
