//! Sound keys pass, and weak ones of every kind do not.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::{Numbers, SMALL_ORDER, Weakness, find, has_small_order, is_roca, primes};
use crate::{
    Algorithm,
    keys::key::Key,
    testing::{Issuer, TestClock},
};

/// A key whose primes were made as the library did that ROCA is about, with M the product of the first 126 primes.
const ROCA: &str = "wI6wkRYU47Qegfgt-uhtmb7LGwnj-2P9D5X9p9LKvCzK1P3ZSLrOHSWjQ8-UO7kWy5UnX6yglpYCiw8s_EURnbIYhRQj4tfI3vuLm1xqnEP8BgGV12rF8ji47ft2FECQBlXkFVvD3d316vQfwehoj3A_Z2ilhtnAuiQGu02GqZwJ90tltRxyDsCBnmsXXfqhVKlR_WBPO89FLYMu-9KjGDMg2xOobSz2UFkjavMmn5a6SlKgbCtnzyujPonkfo2ieY2IEhLCglYt3fuLBOi7pjia-C9-ZUU0awUQj5ji9rx7_Wl_6I61Vf6Pf2CTrTpB9ZV1Fjv87ctwP9llZx9iTw";

fn rsa(n: Vec<u8>) -> Numbers {
    Numbers::Rsa { n, e: vec![1, 0, 1] }
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The product of two numbers, big-endian.
fn product(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut digits = vec![0_u32; one.len() + other.len()];
    for (i, a) in one.iter().rev().enumerate() {
        let mut carry = 0;
        for (j, b) in other.iter().rev().enumerate() {
            let sum = digits[i + j] + u32::from(*a) * u32::from(*b) + carry;
            (digits[i + j], carry) = (sum % 256, sum / 256);
        }
        digits[i + other.len()] += carry;
    }
    digits.into_iter().rev().map(|digit| u8::try_from(digit).unwrap()).collect()
}

/// The sum of two numbers, big-endian, the first being longer.
fn sum(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut sum = one.to_vec();
    let mut carry = 0;
    for (index, digit) in sum.iter_mut().rev().enumerate() {
        let other = other.iter().rev().nth(index).copied().unwrap_or(0);
        let total = u32::from(*digit) + u32::from(other) + carry;
        (*digit, carry) = (u8::try_from(total % 256).unwrap(), total / 256);
    }
    sum
}

/// k·M + 65537ᵃ, M being the product of the primes below 168.
fn roca_factor(k: &[u8], a: usize) -> Vec<u8> {
    let product_of = |numbers: &mut dyn Iterator<Item = u32>| {
        numbers.fold(vec![1], |all, number| product(&all, &number.to_be_bytes()))
    };
    let power = product_of(&mut std::iter::repeat_n(65537, a));
    sum(&product(k, &product_of(&mut primes(168))), &power)
}

#[test]
fn primes_are_those_of_the_published_fingerprint() {
    let found: Vec<_> = primes(168).collect();
    assert_eq!((found.len(), &found[..6], found.last()), (39, &[2, 3, 5, 7, 11, 13][..], Some(&167)));
}

#[test]
fn a_key_made_by_the_faulty_library_is_weak() {
    assert_eq!(find(&rsa(decode(ROCA))), Some(Weakness::Roca));
}

#[test]
fn keys_made_here_are_not_weak() {
    let issuer = Issuer::new("https://auth.example", Arc::new(TestClock::default()));
    (0..7).for_each(|_| issuer.rotate());
    for key in issuer.key_set().keys {
        assert_eq!(find(&rsa(decode(key["n"].as_str().unwrap()))), None, "{key}");
    }
    let issuer = Issuer::signing_with(Algorithm::EdDsa, issuer.url(), Arc::new(TestClock::default()));
    (0..100).for_each(|_| issuer.rotate());
    for key in issuer.key_set().keys {
        let x = decode(key["x"].as_str().unwrap()).try_into().unwrap();
        assert_eq!(find(&Numbers::Ed25519 { x }), None, "{key}");
    }
}

#[test]
fn a_small_factor_is_found() {
    let sound = decode(
        Issuer::new("https://auth.example", Arc::new(TestClock::default())).key_set().keys[0]["n"]
            .as_str()
            .unwrap(),
    );
    for factor in [2, 3, 5, 251, 257, 1009, 1021] {
        let n = product(&sound, &u16::to_be_bytes(factor));
        assert_eq!(find(&rsa(n)), Some(Weakness::SmallFactor), "{factor}");
    }
    assert_eq!(find(&rsa(product(&sound, &u16::to_be_bytes(1031)))), None, "too big to be looked for");
}

/// Under a key of order 1 the equation S·B = R + k·A holds for S = 0 and R = A, whatever the message.
#[test]
fn under_a_key_of_small_order_one_signature_fits_every_message() {
    let mut signature = [0; 64];
    signature[0] = 1;
    let numbers = Numbers::Ed25519 { x: SMALL_ORDER[1] };
    let key = Key::parse("k".to_owned(), Algorithm::EdDsa, &numbers).unwrap();
    assert!(
        key.verifies(b"one", &signature) && key.verifies(b"two", &signature),
        "which is why it is refused"
    );
    assert_eq!(find(&numbers), Some(Weakness::SmallOrder));
}

#[test]
fn every_point_of_small_order_is_weak_with_either_sign() {
    for mut y in SMALL_ORDER {
        assert!(has_small_order(&y));
        y[31] |= 0x80;
        assert!(has_small_order(&y));
        y[7] ^= 1;
        assert!(!has_small_order(&y));
    }
}

proptest! {
    #[test]
    fn whatever_is_made_like_roca_is_weak(
        (k, l) in any::<([u8; 32], [u8; 32])>(),
        (more_k, more_l) in any::<([u8; 32], [u8; 32])>(),
        (a, b) in (0_usize..13, 0_usize..13),
    ) {
        let (p, q) = (roca_factor(&[k, more_k].concat(), a), roca_factor(&[l, more_l].concat(), b));
        prop_assert!(is_roca(&product(&p, &q)));
    }

    #[test]
    fn chance_does_not_look_like_roca(n in prop::collection::vec(any::<u8>(), 256..=512)) {
        prop_assert!(!is_roca(&n));
    }
}
