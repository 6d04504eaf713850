//! Keys whose numbers give their private half away, whoever holds it. Each check needs only what is published, and
//! runs when a key is fetched, never when a token is verified.
//!
//! - An RSA modulus with a small prime factor is not the product of two large primes.
//! - An RSA modulus with the fingerprint of ROCA was made by a library whose primes are k·M + (65537ᵃ mod M), M being
//!   the product of the first primes; such keys can be factored (CVE-2017-15361; Nemec, Sýs, Švenda, Klinec, Matyáš:
//!   "The Return of Coppersmith's Attack", ACM CCS 2017, §2.3). Modulo each prime below 168, their moduli are powers
//!   of 65537. Chance makes 1 sound modulus in 2²⁷ look like that.
//! - An Ed25519 key of small order makes the hash of the message cancel out, so that one signature fits every message
//!   (RFC 8032 §5.1.7 does not exclude it; Chalkias, Garillot, Nikolaenko: "Taming the many `EdDSAs`", 2020).

use super::key::Numbers;

/// Why a key is weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Weakness {
    #[error("its modulus has a small factor")]
    SmallFactor,
    #[error("its modulus has the fingerprint of ROCA (CVE-2017-15361)")]
    Roca,
    #[error("its point has a small order")]
    SmallOrder,
}

/// Primes up to here are tried as factors.
const FACTORS_BELOW: u32 = 1024;
/// The primes of the published fingerprint end with 167.
const FINGERPRINT_BELOW: u32 = 168;
const GENERATOR: u32 = 65537;

/// What is wrong with a key of these numbers, if anything is known to be.
pub(super) fn find(numbers: &Numbers) -> Option<Weakness> {
    match numbers {
        Numbers::Rsa { n, .. } if has_small_factor(n) => Some(Weakness::SmallFactor),
        Numbers::Rsa { n, .. } if is_roca(n) => Some(Weakness::Roca),
        Numbers::Ed25519 { x } if has_small_order(x) => Some(Weakness::SmallOrder),
        // P-256 has a prime order: a point on the curve has that order, too.
        Numbers::Rsa { .. } | Numbers::Ed25519 { .. } | Numbers::P256 { .. } => None,
    }
}

fn has_small_factor(n: &[u8]) -> bool {
    primes(FACTORS_BELOW).any(|prime| remainder(n, prime) == 0)
}

fn is_roca(n: &[u8]) -> bool {
    primes(FINGERPRINT_BELOW).all(|prime| is_power(remainder(n, prime), prime))
}

/// Whether `residue` is a power of 65537 modulo `prime`.
fn is_power(residue: u32, prime: u32) -> bool {
    let next = |power: &u32| Some(power * (GENERATOR % prime) % prime);
    std::iter::successors(Some(1 % prime), next).take(prime as usize).any(|power| power == residue)
}

/// `n`, big-endian, modulo `modulus`.
fn remainder(n: &[u8], modulus: u32) -> u32 {
    n.iter().fold(0, |remainder, byte| (remainder * 256 + u32::from(*byte)) % modulus)
}

fn primes(below: u32) -> impl Iterator<Item = u32> {
    (2..below)
        .filter(|candidate| (2..*candidate).take_while(|d| d * d <= *candidate).all(|d| candidate % d != 0))
}

/// The y of every point whose order divides 8, little-endian, as it may be written in 255 bits: 0, 1, −1 and the two
/// of order 8, then 0 and 1 once more with the field's prime added, which lenient decoders take, too.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    little_endian(1, 0, 0),
    little_endian(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    little_endian(0xed, 0xff, 0x7f),
    little_endian(0xee, 0xff, 0x7f),
];

/// A number of 32 bytes: the lowest, all in the middle, the highest.
const fn little_endian(lowest: u8, middle: u8, highest: u8) -> [u8; 32] {
    let mut number = [middle; 32];
    let [first, .., last] = &mut number;
    *first = lowest;
    *last = highest;
    number
}

/// The sign of the other coordinate, which is the topmost bit, makes no difference.
fn has_small_order(x: &[u8; 32]) -> bool {
    let mut y = *x;
    let [.., last] = &mut y;
    *last &= 0x7f;
    SMALL_ORDER.contains(&y)
}

#[cfg(test)]
mod tests;
