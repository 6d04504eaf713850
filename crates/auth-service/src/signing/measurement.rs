//! What signing an access token costs beside the bare signature: `scripts/bench` runs this, and prints it under the
//! tables of the crate `lab`, which cannot sign. Where next: `token`.

use std::{hint::black_box, time::Instant};

use super::{
    key::{SigningKey, tests::PKCS8},
    token::{TokenSigner, tests::longest},
};

const ROUNDS: usize = 40;
const SIGNATURES: u32 = 20;
/// A token may take this many times as long as its signature.
const BUDGET: f64 = 1.05;

/// Nanoseconds for each call of `operation`.
fn nanoseconds_each<T>(mut operation: impl FnMut() -> T) -> f64 {
    let begin = Instant::now();
    for _ in 0..SIGNATURES {
        black_box(operation());
    }
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(SIGNATURES)
}

fn minimum_and_median(mut figures: Vec<f64>) -> [f64; 2] {
    figures.sort_by(f64::total_cmp);
    [figures[0], figures[figures.len() / 2]]
}

/// Both take turns, so that what disturbs one disturbs the other; the least disturbed rounds are compared.
#[test]
#[ignore = "measures time: scripts/bench runs it on a release build"]
fn signing_a_token_costs_little_more_than_its_signature() {
    let (signer, claims) = (TokenSigner::new(SigningKey::open(&PKCS8).unwrap()), longest());
    let token = signer.sign(&claims).unwrap();
    let (message, _) = token.rsplit_once('.').unwrap();

    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        let raw = nanoseconds_each(|| signer.key().sign(message.as_bytes()).unwrap());
        rounds.push((raw, nanoseconds_each(|| signer.sign(&claims).unwrap())));
    }
    // The first round warms up.
    let (raw, whole): (Vec<_>, Vec<_>) = rounds.into_iter().skip(1).unzip();
    let (raw, whole) = (minimum_and_median(raw), minimum_and_median(whole));
    let ratio = whole[0] / raw[0];
    let verdict = if ratio <= BUDGET { "ok" } else { "OVER" };

    println!("\n{:<58}{:>11}{:>11}", format!("signing, {ROUNDS} rounds"), "min, ns", "median, ns");
    println!("{:<58}{:>11.0}{:>11.0}", "raw aws-lc-rs RSA-2048, key parsed once", raw[0], raw[1]);
    let name = "sign an access token";
    println!(
        "{name:<58}{:>11.0}{:>11.0}  {ratio:>9.3}  <= {BUDGET:.3} x raw        {verdict}",
        whole[0], whole[1]
    );
    assert!(ratio <= BUDGET, "over budget: {name}");
}
