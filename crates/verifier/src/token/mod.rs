//! One token, taken apart and judged: the grammar and the header first, since they cost nothing, the signature
//! second, the claims last. Where next: `compact`, then `header`, then `claims`.

pub(crate) mod claims;
mod compact;
mod header;

use crate::{Limits, Reason};
use compact::Compact;
use header::Header;

/// A token whose grammar and header are in order. Nothing in it is proven yet, and its claims are still unread.
pub(crate) struct Token<'a> {
    /// What the signature is over: the first two parts as they came (RFC 7515 §5.2).
    pub(crate) signed: &'a str,
    /// The name of the key that is said to have signed it.
    pub(crate) kid: String,
    /// The decoded JSON of the claims.
    pub(crate) payload: Vec<u8>,
    /// The decoded signature.
    pub(crate) signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Splits and decodes `text` and applies all rules about headers.
    pub(crate) fn parse(text: &'a str, limits: &Limits) -> Result<Self, Reason> {
        if text.len() > limits.token_bytes {
            return Err(Reason::TooLong);
        }
        let parts = Compact::parse(text)?;
        let kid = Header::parse(&compact::decode(parts.header)?, limits)?.kid;
        let payload = compact::decode(parts.payload)?;
        let signature = compact::decode(parts.signature)?;
        Ok(Self { signed: parts.signed, kid, payload, signature })
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_comes_apart() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"at+jwt","kid":"k"}"#);
        let text = format!("{header}.e30.AAAA");
        let token = Token::parse(&text, &Limits::default()).unwrap();
        assert_eq!((token.kid.as_str(), token.payload.as_slice()), ("k", &b"{}"[..]));
        assert_eq!(
            (token.signed, token.signature.as_slice()),
            (format!("{header}.e30").as_str(), &[0, 0, 0][..])
        );
    }

    #[test]
    fn length_is_judged_first() {
        let limits = Limits { token_bytes: 256, ..Limits::default() };
        assert_eq!(Token::parse(&".".repeat(256), &limits).err(), Some(Reason::Malformed));
        assert_eq!(Token::parse(&".".repeat(257), &limits).err(), Some(Reason::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Token::parse(&text, &Limits::default());
        }

        #[test]
        fn no_header_panics(header in ".{0,64}", rest in "[A-Za-z0-9_.-]{0,64}") {
            let _ = Token::parse(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header)), &Limits::default());
        }
    }
}
