//! The secret of the link that makes the first administrator.
//!
//! 48 bytes as 64 characters of base64url: the link's id, and a tag that only the holder of the master key can
//! make. So the secret can be printed again while it is valid, and the database holds nothing that could be
//! redeemed. Where next: `store::admin_links` for its hour of life and its one use.

use std::fmt;

use aws_lc_rs::constant_time;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use uuid::Uuid;

use crate::master_key::{KEY_LENGTH, MasterKeys};

const PURPOSE: &str = "admin link v1";
const ID: usize = 16;

/// Makes and reads the secrets of links.
pub(crate) struct AdminLinks(MasterKeys);

impl AdminLinks {
    pub(crate) fn new(master_keys: MasterKeys) -> Self {
        Self(master_keys)
    }

    /// The secret of the link `id`, always the same one.
    pub(crate) fn secret(&self, id: Uuid) -> SecretString {
        let tag = self.0.current().derive(PURPOSE, id.as_bytes());
        URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), tag.as_slice()].concat()).into()
    }

    /// The link that a presented secret belongs to, if it is authentic.
    pub(crate) fn parse(&self, secret: &str) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(secret).ok().filter(|bytes| bytes.len() == ID + KEY_LENGTH)?;
        let (id, tag) = bytes.split_at(ID);
        let id = Uuid::from_slice(id).ok()?;
        let is_ours = self.0.all().any(|master_key| {
            let expected = master_key.derive(PURPOSE, id.as_bytes());
            constant_time::verify_slices_are_equal(expected.as_slice(), tag).is_ok()
        });
        is_ours.then_some(id)
    }
}

impl fmt::Debug for AdminLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminLinks")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::MasterKey;

    fn links(seed: u8) -> AdminLinks {
        let mut key = [seed; KEY_LENGTH];
        key[0] = !seed;
        AdminLinks::new(MasterKeys::new(vec![MasterKey::new(&key)]).unwrap())
    }

    #[test]
    fn a_secret_names_its_link_and_can_be_printed_again() {
        let id = Uuid::from_u128(7);
        let secret = links(1).secret(id);
        assert_eq!(links(1).secret(id).expose_secret(), secret.expose_secret());
        assert_eq!(links(1).parse(secret.expose_secret()), Some(id));
    }

    #[test]
    fn forgeries_are_refused() {
        let id = Uuid::from_u128(7);
        let secret = links(1).secret(id).expose_secret().to_owned();
        assert_eq!(links(2).parse(&secret), None);
        assert_eq!(links(1).parse(""), None);
        let mut bytes = URL_SAFE_NO_PAD.decode(&secret).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert_eq!(links(1).parse(&URL_SAFE_NO_PAD.encode(&bytes)), None, "byte {at}");
            bytes[at] ^= 1;
        }
    }
}
