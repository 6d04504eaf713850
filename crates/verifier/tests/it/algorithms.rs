//! Other algorithms than RS256, each where it is trusted and nowhere else (RFC 8725 §3.1).

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use verifier::{
    Algorithm, FetchFailure, HealthReason, Reason, SetFault, Verifier,
    testing::{Answer, Forgery, Issuer, Script, TokenBuilder, TokioClock},
};

use crate::support::{ISSUER, at_once, pass, trusting, within_a_minute};

/// The order of the group that Ed25519 works in, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn issuer(algorithm: Algorithm) -> Issuer {
    Issuer::signing_with(algorithm, ISSUER, Arc::new(TokioClock::default()))
}

/// A verifier that trusts `issuer` to sign with these and has fetched `published`.
async fn knowing(issuer: &Issuer, algorithms: &[Algorithm], published: Answer) -> Verifier {
    let trust = issuer.trust("users").algorithms(algorithms.iter().copied());
    let verifier = trusting(Arc::new(TokioClock::default()), [(trust, &Script::new(published))]);
    within_a_minute(verifier.until_usable()).await;
    verifier
}

fn reason(verifier: &Verifier, token: &str) -> Option<Reason> {
    at_once(verifier.verify(token)).err().map(|rejection| rejection.reason())
}

/// `token` with its signature changed.
fn resigned(token: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = change(URL_SAFE_NO_PAD.decode(signature).unwrap());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test(start_paused = true)]
async fn each_algorithm_takes_good_tokens_and_no_forged_ones() {
    for algorithm in Algorithm::ALL {
        let issuer = issuer(algorithm);
        let verifier = knowing(&issuer, &[algorithm], issuer.answer()).await;
        assert_eq!(reason(&verifier, &issuer.token().mint()), None, "{algorithm}");
        for forgery in Forgery::ALL {
            let token = issuer.forge(forgery);
            assert_eq!(reason(&verifier, &token), Some(forgery.reason()), "{algorithm}: {forgery:?}");
        }
        let zeros = resigned(&issuer.token().mint(), |signature| vec![0; signature.len()]);
        assert_eq!(reason(&verifier, &zeros), Some(Reason::Signature), "{algorithm}: zeros");
        let empty = resigned(&issuer.token().mint(), |_| vec![0]);
        assert_eq!(reason(&verifier, &empty), Some(Reason::Signature), "{algorithm}: one byte");
        let longer = resigned(&issuer.token().mint(), |signature| [signature, vec![0]].concat());
        assert_eq!(reason(&verifier, &longer), Some(Reason::Signature), "{algorithm}: a byte too many");
    }
}

#[tokio::test(start_paused = true)]
async fn no_algorithm_passes_for_another() {
    for (ours, theirs) in pairs() {
        let (owner, other) = (issuer(ours), issuer(theirs));
        let verifier = knowing(&owner, &[ours], owner.answer()).await;
        let named = |token: TokenBuilder, alg: Algorithm| token.header("alg", json!(alg.as_str())).mint();
        let by_other = || other.token().header("kid", json!(owner.kid()));
        for (what, token, expected) in [
            ("honest about both", named(by_other(), theirs), Reason::Algorithm),
            ("signed with theirs, named ours", named(by_other(), ours), Reason::Signature),
            ("signed with ours, named theirs", named(owner.token(), theirs), Reason::Algorithm),
        ] {
            assert_eq!(reason(&verifier, &token), Some(expected), "{ours} {theirs}: {what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_for_one_algorithm_though_its_issuer_is_trusted_with_all() {
    for (ours, theirs) in pairs() {
        let (owner, other) = (issuer(ours), issuer(theirs));
        let verifier = knowing(&owner, &Algorithm::ALL, owner.answer()).await;
        let token = other.token().header("kid", json!(owner.kid())).mint();
        assert_eq!(reason(&verifier, &token), Some(Reason::Algorithm), "{ours} {theirs}");
        assert_eq!(reason(&verifier, &owner.token().mint()), None, "{ours} {theirs}");
    }
}

fn pairs() -> impl Iterator<Item = (Algorithm, Algorithm)> {
    let all = Algorithm::ALL;
    all.into_iter().flat_map(move |one| all.map(|other| (one, other))).filter(|(one, other)| one != other)
}

#[tokio::test(start_paused = true)]
async fn an_rsa_key_without_alg_is_used_only_if_one_rsa_algorithm_is_trusted() {
    let issuer = issuer(Algorithm::Ps256);
    let mut set = serde_json::to_value(issuer.key_set()).unwrap();
    set["keys"][0].as_object_mut().unwrap().remove("alg");
    let unbound = Answer::keys(set.to_string());
    let verifier = knowing(&issuer, &[Algorithm::Ps256, Algorithm::Es256], unbound.clone()).await;
    assert_eq!(reason(&verifier, &issuer.token().mint()), None);

    let both = issuer.trust("users").algorithms([Algorithm::Rs256, Algorithm::Ps256]);
    let verifier = trusting(Arc::new(TokioClock::default()), [(both, &Script::new(unbound))]);
    pass(1).await;
    let refused = |reason: &HealthReason| {
        let failure = FetchFailure::Refused(SetFault::NoUsableKey);
        matches!(reason, HealthReason::FetchFailing { failure: how, .. } if *how == failure)
    };
    assert!(verifier.health().reasons.iter().any(refused), "{:?}", verifier.health());
}

#[tokio::test(start_paused = true)]
async fn an_issuer_changes_its_algorithm_and_both_keys_serve() {
    let issuer = issuer(Algorithm::Rs256);
    let old = issuer.token().mint();
    issuer.rotate_to(Algorithm::EdDsa);
    let new = issuer.token().mint();
    let prepared = knowing(&issuer, &[Algorithm::Rs256, Algorithm::EdDsa], issuer.answer()).await;
    assert_eq!((reason(&prepared, &old), reason(&prepared, &new)), (None, None));
    let unprepared = knowing(&issuer, &[Algorithm::Rs256], issuer.answer()).await;
    assert_eq!((reason(&unprepared, &old), reason(&unprepared, &new)), (None, Some(Reason::Algorithm)));
}

#[tokio::test(start_paused = true)]
async fn ecdsa_signatures_are_two_numbers_and_not_der() {
    let issuer = issuer(Algorithm::Es256);
    let verifier = knowing(&issuer, &[Algorithm::Es256], issuer.answer()).await;
    let integer = |bytes: &[u8]| {
        let digits = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap()..];
        let sign = if digits[0] >= 0x80 { &[0][..] } else { &[] };
        [&[2, u8::try_from(sign.len() + digits.len()).unwrap()], sign, digits].concat()
    };
    let der = resigned(&issuer.token().mint(), |raw| {
        let numbers = [integer(&raw[..32]), integer(&raw[32..])].concat();
        [&[0x30, u8::try_from(numbers.len()).unwrap()], numbers.as_slice()].concat()
    });
    assert_eq!(reason(&verifier, &der), Some(Reason::Signature));
}

/// RFC 8032 §5.1.7: S is below the order, or one token would have several spellings.
#[tokio::test(start_paused = true)]
async fn an_ed25519_signature_has_one_spelling() {
    let issuer = issuer(Algorithm::EdDsa);
    let verifier = knowing(&issuer, &[Algorithm::EdDsa], issuer.answer()).await;
    let other = resigned(&issuer.token().mint(), |mut signature| {
        let mut carry = 0;
        for (digit, more) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*digit) + u16::from(more) + carry;
            (*digit, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        signature
    });
    assert_eq!(reason(&verifier, &other), Some(Reason::Signature));
}
