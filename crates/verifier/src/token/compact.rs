//! The compact form (RFC 7515 §7.1): three parts of base64url. Read strictly, because a lenient reader gives one
//! token many spellings (RFC 4648 §3.5). Where next: `base64url`, `header`.

use memchr::{memchr, memrchr};

use crate::{Reason, base64url};

/// The three parts, still encoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Compact<'a> {
    pub(super) signed: &'a [u8],
    pub(super) header: &'a [u8],
    pub(super) payload: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Result<Self, Reason> {
        let (signed, signature) = around(text, memrchr(b'.', text))?;
        let (header, payload) = around(signed, memchr(b'.', signed))?;
        if memchr(b'.', payload).is_some() {
            return Err(Reason::Malformed);
        }
        Ok(Self { signed, header, payload, signature })
    }
}

/// What is before the dot and behind it.
fn around(text: &[u8], dot: Option<usize>) -> Result<(&[u8], &[u8]), Reason> {
    let (before, from) = dot.and_then(|dot| text.split_at_checked(dot)).ok_or(Reason::Malformed)?;
    Ok((before, from.get(1..).unwrap_or_default()))
}

/// Decodes one part. An empty one is refused too.
pub(super) fn decode(part: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    decode_into(&mut bytes, part)?;
    Ok(bytes)
}

/// As [`decode`], to the end of `bytes`.
pub(super) fn decode_into(bytes: &mut Vec<u8>, part: &[u8]) -> Result<(), Reason> {
    let appended = base64url::append(bytes, part).filter(|()| !part.is_empty());
    appended.ok_or(Reason::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_parts() {
        let parts = Compact { signed: b"a.b", header: b"a", payload: b"b", signature: b"c" };
        assert_eq!(Compact::parse(b"a.b.c"), Ok(parts));
        for text in ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c."] {
            assert_eq!(Compact::parse(text.as_bytes()), Err(Reason::Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_part_is_strict_and_not_empty() {
        assert_eq!(decode(b"_-8"), Ok(vec![0xff, 0xef]));
        for part in ["", "A", "_-8=", "_-9"] {
            assert_eq!(decode(part.as_bytes()), Err(Reason::Malformed), "{part:?}");
        }
    }
}
