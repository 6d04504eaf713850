//! Whoever has an issuer's revocations at hand and needs no feed for them tells the verifier here: the issuer itself, about
//! its own tokens.

use crate::{Revocation, RevokeError, Verifier};

/// Tells a verifier what one issuer revokes. Made by [`Verifier::listen`].
#[derive(Debug, Clone)]
pub struct Listener {
    verifier: Verifier,
    issuer: String,
}

impl Verifier {
    /// Closes routes that must know what `issuer` revokes ([`Within`](crate::access::Within)) from now on, for as long as nobody
    /// says that nothing is missing: [`follow`](Self::follow) does, or whoever holds what this gives. To be called before
    /// the service serves, if it is to know.
    ///
    /// # Errors
    /// If the issuer is not trusted here.
    pub fn listen(&self, issuer: &str) -> Result<Listener, RevokeError> {
        self.issuer(issuer)?.standing.set_followed();
        Ok(Listener { verifier: self.clone(), issuer: issuer.to_owned() })
    }
}

impl Listener {
    /// Refuses these from now on. More may have been revoked already.
    ///
    /// # Errors
    /// If there would be too many: none was taken then.
    pub fn revoke(&self, revocations: Vec<Revocation>) -> Result<(), RevokeError> {
        // Every change has each token looked up once more.
        if revocations.is_empty() { Ok(()) } else { self.verifier.revoke(&self.issuer, revocations) }
    }

    /// Refuses these from now on, and takes it that nothing else was revoked up to this moment and the issuer's number
    /// `last_seq`.
    ///
    /// # Errors
    /// If there would be too many: none was taken then, and nothing was heard.
    pub fn hear(&self, revocations: Vec<Revocation>, last_seq: u64) -> Result<(), RevokeError> {
        self.revoke(revocations)?;
        self.verifier.issuer(&self.issuer)?.standing.hear(last_seq);
        Ok(())
    }
}
