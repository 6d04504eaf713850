//! base64url without padding (RFC 4648 §5), read strictly: no blanks, no foreign letters, and the unused bits of the last
//! letter are zero (§3.5), so that bytes have one spelling.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::NO_PAD};

/// Decodes many letters at once where the processor can.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Decoder = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Decoder = base64::engine::GeneralPurpose;

static DECODER: LazyLock<Decoder> = LazyLock::new(|| {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return Decoder::url_safe(NO_PAD);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    Decoder::new(&base64::alphabet::URL_SAFE, NO_PAD)
});

/// The bytes that `text` spells, or `None` if it is not spelled as it must be. No text spells no bytes.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    DECODER.decode(text).ok()
}

/// As [`decode`], to the end of `bytes`, of which the rest means nothing if this is `None`.
pub(crate) fn append(bytes: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    DECODER.decode_vec(text, bytes).ok()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_strict() {
        assert_eq!(decode(b"_-8"), Some(vec![0xff, 0xef]));
        for text in [
            "A", "_-8=", "/+8", "_-8\n", " _-8", "_ -8", "_-8%3D", "_-8\u{0}", "_-9", "AB", "AAB", "AAAAA",
            "ÄA",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn every_byte_in_every_place_is_what_it_is_elsewhere() {
        // Short ones are decoded letter by letter, long ones many at once and the rest letter by letter.
        for length in (1..=8).chain([63, 64, 65, 96, 99]) {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'A'; length];
                    text[place] = byte;
                    assert_eq!(decode(&text), URL_SAFE_NO_PAD.decode(&text).ok(), "{text:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(URL_SAFE_NO_PAD.encode(&bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn bytes_have_one_spelling(text in "[A-Za-z0-9_-]{0,12}") {
            if let Some(bytes) = decode(text.as_bytes()) {
                prop_assert_eq!(URL_SAFE_NO_PAD.encode(bytes), text);
            }
        }

        #[test]
        fn it_reads_what_others_read(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(decode(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }
}
