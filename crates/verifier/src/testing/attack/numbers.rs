//! Big numbers, as far as attacks on RSA need them: big-endian, as many bytes as it takes.

use aws_lc_rs::digest::{SHA256, digest as hash};

/// The beginning of a `DigestInfo` of SHA-256 (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// The primes by which a modulus of CVE-2017-15361 is recognised, but for 2.
const PRIMES: [u16; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

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

/// `number` times `factor`.
fn times(number: &[u8], factor: u16) -> Vec<u8> {
    let mut carry = 0_u32;
    let mut product = Vec::with_capacity(number.len() + 2);
    for digit in number.iter().rev() {
        let sum = u32::from(*digit) * u32::from(factor) + carry;
        product.push(sum.to_le_bytes()[0]);
        carry = sum >> 8;
    }
    while carry > 0 {
        product.push(carry.to_le_bytes()[0]);
        carry >>= 8;
    }
    product.reverse();
    product
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

/// A modulus of `bits` bits that `factor` divides.
pub(super) fn multiple_of(factor: u32, bits: usize) -> Vec<u8> {
    let mut number = plain_modulus(bits);
    while rest(&number, factor) != 0 {
        number = plus(&number, &[1]);
    }
    number
}

/// A modulus of `bits` bits of the form k · M + 65537, M being the product of the primes up to 167. By every one of these
/// primes it leaves a power of 65537, as all moduli do that the faulty chips of CVE-2017-15361 made, and hardly any others.
pub(super) fn roca_modulus(bits: u32) -> Vec<u8> {
    let product = PRIMES.into_iter().fold(vec![2], |product, prime| times(&product, prime));
    let width = |number: &[u8]| {
        let unused = number.first().map_or(0, |digit| digit.leading_zeros());
        u32::try_from(number.len() * 8).expect("a number that fits") - unused
    };
    // Odd factors that are nothing special until it is nearly long enough, then doublings.
    let mut number = product.clone();
    while width(&number) + 16 <= bits {
        number = times(&number, 0xffd1);
    }
    while width(&number) < bits {
        number = times(&number, 2);
    }
    // Without small factors, which would give it away for another reason.
    loop {
        let candidate = plus(&number, &[1, 0, 1]);
        if (2..1024).all(|divisor| rest(&candidate, divisor) != 0) {
            return candidate;
        }
        number = plus(&number, &product);
    }
}

/// `number` modulo a `divisor` below 2²³.
fn rest(number: &[u8], divisor: u32) -> u32 {
    number.iter().fold(0, |rest, digit| (rest * 256 + u32::from(*digit)) % divisor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_reckoned_right() {
        assert_eq!(plus(&[0xff, 0xff], &[1]), [1, 0, 0]);
        assert_eq!(plus(&[1], &[0xff, 0x01]), [0xff, 0x02]);
        assert_eq!(minus(&[1, 0, 0], &[1]), [0, 0xff, 0xff]);
        assert_eq!(times(&[0xff, 0xff], 0xffff), [0xff, 0xfe, 0, 1]);
    }

    #[test]
    fn a_roca_modulus_has_the_fingerprint_and_the_size() {
        let modulus = roca_modulus(2048);
        assert!(modulus.len() == 256 && modulus[0] >= 0x80 && modulus[255] % 2 == 1);
        for prime in PRIMES.map(u32::from) {
            let powers = std::iter::successors(Some(1), |power| Some(power * 65_537 % prime));
            assert!(powers.take(prime as usize).any(|power| power == rest(&modulus, prime)), "{prime}");
        }
    }

    #[test]
    fn a_padded_digest_is_what_a_signature_is_raised_from() {
        let padded = padded_digest("x", 256);
        assert_eq!((padded.len(), &padded[..3], padded[204]), (256, &[0, 1, 0xff][..], 0));
    }
}
