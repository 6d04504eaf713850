//! By what revoked things are found: 128 bits of a keyed hash. What two things have in common by accident is decided
//! by a key that nobody knows, once in 2^128. Where next: `map`.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use identity::{Claims, Entropy};
use siphasher::sip128::SipHasher13;

use super::Revoked;

/// What stands for one session, subject, token, client or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// Chooses the branch and the leaf.
    pub(super) place: u64,
    /// Chooses the slot in the leaf.
    slot: u64,
}

impl Hash for Mark {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.slot);
    }
}

/// Everything about one token that may be revoked. Made once for each token that was verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    pub(super) session: Mark,
    pub(super) subject: Mark,
    pub(super) token: Mark,
    pub(super) client: Mark,
    pub(super) key: Mark,
}

/// Makes marks. Those of one marker fit no other one.
pub(crate) struct Marker {
    /// One for each kind, so that a session and a subject of one name have nothing in common.
    session: Secret,
    subject: Secret,
    token: Secret,
    client: Secret,
    key: Secret,
}

impl Marker {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let secret = || Secret::new(entropy);
        Self { session: secret(), subject: secret(), token: secret(), client: secret(), key: secret() }
    }

    /// The marks of a token that was signed with the key `kid`.
    pub(crate) fn marks(&self, claims: &Claims, kid: &str) -> Marks {
        Marks {
            session: self.session.mark(claims.session_id.0.as_bytes()),
            subject: self.subject.mark(claims.subject.0.as_bytes()),
            token: self.token.mark(claims.token_id.0.as_bytes()),
            client: self.client.mark(claims.client_id.as_bytes()),
            key: self.key.mark(kid.as_bytes()),
        }
    }

    /// The mark of what is revoked.
    pub(super) fn revoked(&self, what: &Revoked) -> Mark {
        match what {
            Revoked::Session(session) => self.session.mark(session.0.as_bytes()),
            Revoked::Subject { subject, .. } => self.subject.mark(subject.0.as_bytes()),
            Revoked::Token(token) => self.token.mark(token.0.as_bytes()),
            Revoked::Client(client) => self.client.mark(client.as_bytes()),
            Revoked::Key(kid) => self.key.mark(kid.as_bytes()),
        }
    }
}

struct Secret([u8; 16]);

impl Secret {
    fn new(entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 16];
        entropy.fill(&mut secret);
        Self(secret)
    }

    fn mark(&self, name: &[u8]) -> Mark {
        let hash = SipHasher13::new_with_key(&self.0).hash(name);
        Mark { place: hash.h1, slot: hash.h2 }
    }
}

/// Marks are hashes already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

pub(super) type NoHashing = BuildHasherDefault<AsItIs>;

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        // Marks write one number; anything else would still be hashed, if badly.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
