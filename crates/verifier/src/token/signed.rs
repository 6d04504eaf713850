//! A signed JWT that is no access token, taken apart. Where next: `header`, whose rules hold but for `typ` and `kid`.

use super::{
    compact::{self, Compact},
    header,
};
use crate::{Algorithm, Limits, Reason};

/// A JWT whose grammar and header are in order. Nothing in it is proven yet.
pub(crate) struct Signed<'a> {
    /// What the signature is over.
    pub(crate) message: &'a [u8],
    /// With what it is said to be signed.
    pub(crate) algorithm: Algorithm,
    /// The decoded JSON of the claims.
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Signed<'a> {
    pub(crate) fn parse(text: &'a [u8], types: &[&str], limits: &Limits) -> Result<Self, Reason> {
        if text.len() > limits.token_bytes {
            return Err(Reason::TooLong);
        }
        let Compact { signed, header, payload, signature } = Compact::parse(text)?;
        Ok(Self {
            message: signed,
            algorithm: header::algorithm(&compact::decode(header)?, types, limits)?,
            payload: compact::decode(payload)?,
            signature: compact::decode(signature)?,
        })
    }
}
