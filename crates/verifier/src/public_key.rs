//! A key that somebody registered, for JWTs that are no access tokens: with such a one a client shows who it is (RFC
//! 7523). They are read as strictly as tokens. Where next: `token::signed`, `keys::jwk`.

use serde::de::DeserializeOwned;

use crate::{
    Algorithm, Limits, Reason, SetFault, json,
    keys::{Key, one_key},
    token::Signed,
};

/// A public key, bound to one algorithm and parsed once.
#[derive(Debug)]
pub struct PublicKey(Key);

impl PublicKey {
    /// Reads a JSON Web Key (RFC 7517 §4): RSA of 2,048 to 4,096 bits with exponent 65,537, P-256 or Ed25519. One of
    /// RSA must say by `alg` what it is for, RS256 or PS256. It needs no `kid`.
    ///
    /// # Errors
    /// What is wrong, as of a set of this key alone: it is secret, unreadable, weak or of no use here.
    pub fn parse(jwk: &(impl AsRef<[u8]> + ?Sized)) -> Result<Self, SetFault> {
        one_key(jwk.as_ref(), &Limits::default()).map(Self)
    }

    /// The one algorithm it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// What a JWT in compact form says that was signed with this key. Its `typ` must be one of `types`, or not be
    /// there; its `kid` does not matter, since there is one key. What is said is still to be judged.
    ///
    /// # Errors
    /// Why it is refused: its length, its grammar, its header, its signature, or claims that are no `T`.
    pub fn open<T: DeserializeOwned>(
        &self,
        jwt: &(impl AsRef<[u8]> + ?Sized),
        types: &[&str],
    ) -> Result<T, Reason> {
        let limits = Limits::default();
        let signed = Signed::parse(jwt.as_ref(), types, &limits)?;
        if signed.algorithm != self.0.algorithm {
            return Err(Reason::Algorithm);
        }
        if !self.0.verifies(signed.message, &signed.signature) {
            return Err(Reason::Signature);
        }
        json::parse(&signed.payload, limits.json_depth).map_err(|fault| match fault {
            json::Fault::NotStrict => Reason::Malformed,
            json::Fault::OtherShape => Reason::Claims,
        })
    }
}
