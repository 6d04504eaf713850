//! Whose attempts are counted, as 128 bits: every key costs the same memory, and none spells an e-mail address.

use std::net::IpAddr;

use aws_lc_rs::digest;
use identity::{Email, UserId};

/// One counted party: an address, an account, or a pair of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key(u128);

impl Key {
    /// Everybody behind one address.
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::of(&[b"address", &network(address)])
    }

    /// One account, existing or not.
    pub(crate) fn account(email: &Email) -> Self {
        Self::of(&[b"account", email.as_str().as_bytes()])
    }

    /// One account as tried from one address.
    pub(crate) fn pair(email: &Email, address: IpAddr) -> Self {
        Self::of(&[b"pair", email.as_str().as_bytes(), &network(address)])
    }

    /// A signed-in user.
    pub(crate) fn user(id: UserId) -> Self {
        Self::of(&[b"user", id.0.as_bytes()])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            // Lengths first, so that no two lists of parts read alike.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let digest = context.finish();
        Self(digest.as_ref().first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes)))
    }

    /// The key as bytes, for counting elsewhere.
    pub(super) fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// One of `places` keys that many parties share.
    pub(super) fn shared(self, places: u128) -> Self {
        Self(self.0 % places)
    }
}

/// What one party holds: an IPv4 address, or an IPv6 /64, of which every home has 2⁶⁴ addresses to choose from.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().into_iter().take(8).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Key {
        Key::address(text.parse().unwrap())
    }

    #[test]
    fn an_ipv6_network_and_a_mapped_ipv4_address_are_one_party_each() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }

    #[test]
    fn kinds_of_keys_do_not_meet() {
        let email: Email = "ada@example.org".parse().unwrap();
        let ip = "192.0.2.1".parse().unwrap();
        assert_ne!(Key::account(&email), Key::pair(&email, ip));
        assert_ne!(Key::pair(&email, ip), Key::pair(&"bob@example.org".parse().unwrap(), ip));
    }
}
