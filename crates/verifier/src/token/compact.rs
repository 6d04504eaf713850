//! The compact form (RFC 7515 §7.1): three parts of base64url. Read strictly, because a lenient reader gives one
//! token many spellings (RFC 4648 §3.5). Where next: `header`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::Reason;

/// The three parts, still encoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Compact<'a> {
    pub(super) signed: &'a str,
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Compact<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Reason> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Reason::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Reason::Malformed)?;
        if payload.contains('.') {
            return Err(Reason::Malformed);
        }
        Ok(Self { signed, header, payload, signature })
    }
}

/// Decodes one part: no padding, no blanks, no foreign letters, and the unused bits of the last letter are zero.
/// An empty part is refused too.
pub(super) fn decode(part: &str) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::with_capacity(part.len());
    decode_into(&mut bytes, part)?;
    Ok(bytes)
}

/// As [`decode`], to the end of `bytes`.
pub(super) fn decode_into(bytes: &mut Vec<u8>, part: &str) -> Result<(), Reason> {
    if part.is_empty() {
        return Err(Reason::Malformed);
    }
    URL_SAFE_NO_PAD.decode_vec(part, bytes).map_err(|_| Reason::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_are_three_parts() {
        let parts = Compact { signed: "a.b", header: "a", payload: "b", signature: "c" };
        assert_eq!(Compact::parse("a.b.c"), Ok(parts));
        for text in ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c."] {
            assert_eq!(Compact::parse(text), Err(Reason::Malformed), "{text:?}");
        }
    }

    #[test]
    fn base64url_is_strict() {
        assert_eq!(decode("_-8"), Ok(vec![0xff, 0xef]));
        for part in ["", "A", "_-8=", "/+8", "_-8\n", " _-8", "_ -8", "_-8%3D", "_-8\u{0}", "_-9"] {
            assert_eq!(decode(part), Err(Reason::Malformed), "{part:?}");
        }
    }

    proptest! {
        #[test]
        fn bytes_have_one_spelling(part in "[A-Za-z0-9_-]{1,12}") {
            if let Ok(bytes) = decode(&part) {
                prop_assert_eq!(URL_SAFE_NO_PAD.encode(bytes), part);
            }
        }
    }
}
