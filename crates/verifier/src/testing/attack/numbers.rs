//! Big numbers, as far as attacks on RSA need them: big-endian, as many bytes as it takes.

use aws_lc_rs::digest::{SHA256, digest as hash};

/// The beginning of a `DigestInfo` of SHA-256 (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// The SHA-256 of `message`.
pub(super) fn digest(message: &str) -> Vec<u8> {
    hash(&SHA256, message.as_bytes()).as_ref().to_vec()
}

/// What an RSA signature over `message` is to be raised from (EMSA-PKCS1-v1_5, RFC 8017 §9.2): under the exponent 1, it
/// is the signature.
pub(super) fn padded_digest(message: &str, bytes: usize) -> Vec<u8> {
    let digest = digest(message);
    let padding = vec![0xff; bytes - 3 - DIGEST_INFO.len() - digest.len()];
    [&[0, 1][..], &padding, &[0], &DIGEST_INFO, &digest].concat()
}

/// The sum, one byte longer than the longer of both if it takes that.
pub(super) fn plus(one: &[u8], other: &[u8]) -> Vec<u8> {
    digits(one, other, |a, b, carry| {
        let sum = u16::from(a) + u16::from(b) + u16::from(carry);
        (sum.to_le_bytes()[0], sum > 0xff)
    })
}

/// The difference; `one` is the larger.
pub(super) fn minus(one: &[u8], other: &[u8]) -> Vec<u8> {
    digits(one, other, |a, b, borrow| {
        let (difference, first) = a.overflowing_sub(b);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (difference, first || second)
    })
}

/// Digit by digit from the least significant one on, with a carry.
fn digits(one: &[u8], other: &[u8], step: impl Fn(u8, u8, bool) -> (u8, bool)) -> Vec<u8> {
    let length = one.len().max(other.len());
    let padded =
        |number: &[u8]| number.iter().rev().copied().chain(std::iter::repeat(0)).take(length).collect();
    let (one, other): (Vec<u8>, Vec<u8>) = (padded(one), padded(other));
    let mut carry = false;
    let mut result: Vec<_> = one
        .into_iter()
        .zip(other)
        .map(|(a, b)| {
            let (digit, carried) = step(a, b, carry);
            carry = carried;
            digit
        })
        .collect();
    result.extend(carry.then_some(1));
    result.reverse();
    result
}

/// A modulus of `bits` bits with nothing special about it but its size: odd, and of no use to anybody.
pub(super) fn plain_modulus(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; bits.div_ceil(8)];
    if let Some(first) = bytes.first_mut() {
        *first = 1 << ((bits - 1) % 8);
    }
    if let Some(last) = bytes.last_mut() {
        *last |= 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_reckoned_right() {
        assert_eq!(plus(&[0xff, 0xff], &[1]), [1, 0, 0]);
        assert_eq!(plus(&[1], &[0xff, 0x01]), [0xff, 0x02]);
        assert_eq!(minus(&[1, 0, 0], &[1]), [0, 0xff, 0xff]);
    }

    #[test]
    fn a_padded_digest_is_what_a_signature_is_raised_from() {
        let padded = padded_digest("x", 256);
        assert_eq!((padded.len(), &padded[..3], padded[204]), (256, &[0, 1, 0xff][..], 0));
    }
}
