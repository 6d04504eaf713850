//! base64url without padding (RFC 4648 §5), read strictly: no blanks, no foreign letters, and the unused bits of the last
//! letter are zero (§3.5), so that bytes have one spelling. Two thirds of reading a token's text is this, so each of
//! the four places of a group has a table of its own, and foreign letters are looked for once, at the end.

/// Four letters become three bytes.
const GROUP: usize = 4;
const BYTES: usize = 3;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// What a letter in this place of its group adds to the group's bytes, the first of them in the lowest bits.
static PLACES: [[u32; 256]; GROUP] = [table(0), table(1), table(2), table(3)];
/// What a foreign letter adds: a bit above the three bytes.
const FOREIGN: u32 = 1 << 24;

#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn table(place: usize) -> [u32; 256] {
    let mut table = [FOREIGN; 256];
    let mut value: u32 = 0;
    while value < 64 {
        let [_, first, second, third] = (value << (18 - 6 * place)).to_be_bytes();
        table[LETTERS[value as usize] as usize] = u32::from_le_bytes([first, second, third, 0]);
        value += 1;
    }
    table
}

/// The bytes that `text` spells, or `None` if it is not spelled as it must be. No text spells no bytes.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    append(&mut bytes, text)?;
    Some(bytes)
}

/// As [`decode`], to the end of `bytes`, of which the rest means nothing if this is `None`.
pub(crate) fn append(bytes: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    let begin = bytes.len();
    let (quads, rest) = text.as_chunks::<{ 4 * GROUP }>();
    let (groups, rest) = rest.as_chunks::<GROUP>();
    bytes.resize(begin + quads.len() * 4 * BYTES, 0);
    let (room, _) = bytes.get_mut(begin..)?.as_chunks_mut();
    let mut all = 0;
    // Four groups at a time, to store their bytes by few instructions.
    for (letters, room) in quads.iter().zip(room) {
        let ([first, second, third, fourth], []) = letters.as_chunks() else { return None };
        let [first, second, third, fourth] = [group(*first), group(*second), group(*third), group(*fourth)];
        all |= first | second | third | fourth;
        let low = u64::from(first) | u64::from(second) << 24 | u64::from(third) << 48;
        let high = third >> 16 | fourth << 8;
        let mut twelve = [0; 4 * BYTES];
        twelve[..8].copy_from_slice(&low.to_le_bytes());
        twelve[8..].copy_from_slice(&high.to_le_bytes());
        *room = twelve;
    }
    for letters in groups {
        let value = group(*letters);
        all |= value;
        bytes.extend_from_slice(value.to_le_bytes().first_chunk::<BYTES>()?);
    }
    // What is missing from the last group counts as letters of value zero; a letter alone is less than a byte.
    let (value, length) = match *rest {
        [] => (0, 0),
        [first, second] => (group([first, second, b'A', b'A']), 1),
        [first, second, third] => (group([first, second, third, b'A']), 2),
        _ => return None,
    };
    let value = value.to_le_bytes();
    let (last, unused) = value.split_at_checked(length)?;
    bytes.extend_from_slice(last);
    (all < FOREIGN && unused.iter().all(|byte| *byte == 0)).then_some(())
}

/// The three bytes of a group, and above them what is not zero if a letter is foreign.
#[expect(clippy::indexing_slicing, reason = "every byte has a place in a table of 256")]
fn group(letters: [u8; GROUP]) -> u32 {
    let [first, second, third, fourth] = letters;
    PLACES[0][first as usize]
        | PLACES[1][second as usize]
        | PLACES[2][third as usize]
        | PLACES[3][fourth as usize]
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
        for length in 1..=8 {
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
