//! One token, taken apart and judged: the grammar and the header first, since they cost nothing, the signature
//! second, the claims last. Where next: `compact`, then `header`, then `claims`.

pub(crate) mod claims;
mod compact;
mod header;
mod known;
mod signed;

use std::sync::Arc;

use crate::{Limits, Reason};
use compact::Compact;
pub(crate) use header::Header;
pub(crate) use known::KnownHeaders;
pub(crate) use signed::Signed;

/// A token whose grammar and header are in order. Nothing in it is proven yet, and its claims are still unread.
pub(crate) struct Token<'a> {
    /// All of it, as it came: dots and letters of base64url.
    pub(crate) text: &'a [u8],
    /// What the signature is over: the first two parts as they came (RFC 7515 §5.2).
    pub(crate) signed: &'a [u8],
    /// With what it is said to be signed.
    pub(crate) header: Arc<Header>,
    /// The header in base64url.
    pub(crate) header_text: &'a [u8],
    /// Whether a token with the same header was verified before.
    pub(crate) is_header_known: bool,
    /// The decoded payload, then the decoded signature: one piece of memory for both.
    decoded: Vec<u8>,
    payload_bytes: usize,
}

impl<'a> Token<'a> {
    /// Splits and decodes `text` and applies all rules about headers, unless it is a `known` one.
    pub(crate) fn parse(text: &'a [u8], limits: &Limits, known: &KnownHeaders) -> Result<Self, Reason> {
        if text.len() > limits.token_bytes {
            return Err(Reason::TooLong);
        }
        let parts = Compact::parse(text)?;
        let known_header = known.find(parts.header);
        let is_header_known = known_header.is_some();
        let header = match known_header {
            Some(header) => header,
            None => Arc::new(Header::parse(&compact::decode(parts.header)?, limits)?),
        };
        let mut decoded = Vec::with_capacity(parts.payload.len() + parts.signature.len());
        compact::decode_into(&mut decoded, parts.payload)?;
        let payload_bytes = decoded.len();
        compact::decode_into(&mut decoded, parts.signature)?;
        let Compact { signed, header: header_text, .. } = parts;
        Ok(Self { text, signed, header, header_text, is_header_known, decoded, payload_bytes })
    }

    /// The decoded JSON of the claims.
    pub(crate) fn payload(&self) -> &[u8] {
        self.decoded.get(..self.payload_bytes).unwrap_or_default()
    }

    /// The decoded signature.
    pub(crate) fn signature(&self) -> &[u8] {
        self.decoded.get(self.payload_bytes..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn parse<'a>(text: &'a (impl AsRef<[u8]> + ?Sized), limits: &Limits) -> Result<Token<'a>, Reason> {
        Token::parse(text.as_ref(), limits, &KnownHeaders::default())
    }

    #[test]
    fn a_token_comes_apart() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"at+jwt","kid":"k"}"#);
        let text = format!("{header}.e30.AAAA");
        let token = parse(&text, &Limits::default()).unwrap();
        assert_eq!((&*token.header.kid, token.payload()), ("k", &b"{}"[..]));
        assert_eq!((token.signed, token.signature()), (format!("{header}.e30").as_bytes(), &[0, 0, 0][..]));
    }

    #[test]
    fn length_is_judged_first() {
        let limits = Limits { token_bytes: 256, ..Limits::default() };
        assert_eq!(parse(&".".repeat(256), &limits).err(), Some(Reason::Malformed));
        assert_eq!(parse(&".".repeat(257), &limits).err(), Some(Reason::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse(&text, &Limits::default());
        }

        #[test]
        fn no_header_panics(header in ".{0,64}", rest in "[A-Za-z0-9_.-]{0,64}") {
            let _ = parse(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header)), &Limits::default());
        }
    }
}
