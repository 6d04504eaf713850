//! Tokens that were verified a moment ago: recognised to the last byte, and judged again by all that may have changed.

use std::time::Duration;

use serde_json::json;
use verifier::{Limits, Reason, Revocation, RevokeError, Revoked, Verified, testing::Forgery};

use crate::support::{Always, ISSUER, World, pass, within_a_minute};

fn hits(world: &World) -> u64 {
    world.verifier.counters().cache_hits
}

fn refused(world: &World, token: &str) -> Reason {
    world.verify_at_once(token).unwrap_err().reason()
}

/// Comes for the second time, after which it is remembered.
fn come_twice(world: &World, token: &str) -> Verified {
    world.verify_at_once(token).unwrap();
    world.verify_at_once(token).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_token_that_came_twice_is_remembered_for_a_minute() {
    let world = World::new().await;
    let token = world.issuer.token().mint();
    let second = come_twice(&world, &token);
    assert_eq!(hits(&world), 0);
    pass(59).await;
    assert_eq!(world.verify_at_once(&token).unwrap().claims(), second.claims());
    assert_eq!(hits(&world), 1);
    pass(1).await;
    world.verify_at_once(&token).unwrap();
    assert_eq!(hits(&world), 1, "verified again");
    world.verify_at_once(&token).unwrap();
    assert_eq!((hits(&world), world.verifier.counters().verified), (2, 5));
}

#[tokio::test(start_paused = true)]
async fn one_byte_of_difference_is_another_token() {
    let world = World::new().await;
    let token = world.issuer.token().mint();
    come_twice(&world, &token);
    for index in 0..token.len() {
        let mut other = token.clone().into_bytes();
        other[index] = if other[index] == b'A' { b'B' } else { b'A' };
        let verdict = world.verifier.verify_now(&other);
        assert!(verdict.is_none_or(|verdict| verdict.is_err()), "byte {index}");
    }
    assert_eq!(hits(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_signature_is_of_no_use_under_other_claims() {
    let world = World::new().await;
    let token = world.issuer.token();
    let good = token.clone().mint();
    come_twice(&world, &good);
    let forged = token.mint_tampered("roles", json!(["admin"]));
    assert_eq!(forged.rsplit('.').next(), good.rsplit('.').next(), "the signatures are the same");
    assert_eq!(refused(&world, &forged), Reason::Signature);
    world.verify_at_once(&good).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_ends_when_it_ends() {
    let world = World::new().await;
    let token = world.issuer.token().expires_in(Duration::from_secs(20)).mint();
    come_twice(&world, &token);
    pass(49).await;
    world.verify_at_once(&token).unwrap();
    assert_eq!(hits(&world), 1);
    pass(1).await;
    assert_eq!(refused(&world, &token), Reason::Expired);
    assert_eq!(hits(&world), 2, "it was still remembered");
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_ends_with_its_key() {
    let world = World::new().await;
    let token = world.issuer.token().mint();
    come_twice(&world, &token);
    world.issuer.rotate();
    world.issuer.withdraw_old();
    world.publish();
    // Whoever comes with the new key makes the set be fetched.
    world.verify(&world.issuer.token().mint()).await.unwrap();
    assert_eq!(world.verify(&token).await.unwrap_err(), Reason::UnknownKey);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_confirmed_forgets_nothing() {
    let world = World::new().await;
    pass(200).await;
    let token = world.issuer.token().mint();
    come_twice(&world, &token);
    // Refreshed after 210 s, with the answer that nothing has changed.
    pass(20).await;
    assert_eq!(world.script.unmodified(), 1);
    world.verify_at_once(&token).unwrap();
    assert_eq!(hits(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_revoked_is_refused_at_once_remembered_or_not() {
    let world = World::new().await;
    let kinds: [fn(&World, &verifier::Claims) -> Revoked; 5] = [
        |_, claims| Revoked::Session(claims.session_id),
        |_, claims| Revoked::Subject { subject: claims.subject, least_version: claims.version + 1 },
        |_, claims| Revoked::Token(claims.token_id.clone()),
        |_, claims| Revoked::Client(claims.client_id.to_string()),
        |world, _| Revoked::Key(world.issuer.kid()),
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let client = json!(format!("client-{number}"));
        let token = world.issuer.token().claim("client_id", client.clone()).mint();
        let other = world.issuer.token().mint();
        let claims = come_twice(&world, &token).claims().clone();
        world.verify_at_once(&other).unwrap();

        let what = kind(&world, &claims);
        let all_are_concerned = matches!(what, Revoked::Key(_));
        world.verifier.revoke(ISSUER, [Revocation { what, forget_at: claims.expires_at }]).unwrap();
        assert_eq!(refused(&world, &token), Reason::Revoked);
        assert_eq!(world.verify_at_once(&other).is_err(), all_are_concerned);
        let of_the_same = world.issuer.token().subject(claims.subject).session(claims.session_id);
        let of_the_same = of_the_same.claim("jti", json!(claims.token_id)).claim("client_id", client);
        let seen_for_the_first_time = of_the_same.claim("x", json!(1)).mint();
        assert_eq!(refused(&world, &seen_for_the_first_time), Reason::Revoked);
    }
    assert_eq!(world.verifier.health().issuers[0].revocations, 5);
    pass(600 + 120).await;
    assert_eq!(world.verifier.health().issuers[0].revocations, 0, "forgotten when no token is left");
}

#[tokio::test(start_paused = true)]
async fn only_trusted_issuers_revoke() {
    let world = World::new().await;
    let nobody = world.verifier.revoke("https://nobody.example", []);
    assert_eq!(nobody, Err(RevokeError::UnknownIssuer));
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_not_remembered() {
    let world = World::new().await;
    for _ in 0..3 {
        for forgery in Forgery::ALL {
            assert_eq!(refused(&world, &world.issuer.forge(forgery)), forgery.reason());
        }
    }
    assert_eq!(hits(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn remembering_can_be_switched_off() {
    let limits = Limits { cached_tokens: 0, ..Limits::default() };
    let world = World::cold(verifier::testing::Issuer::answer, &limits, Always(0));
    within_a_minute(world.verifier.until_usable()).await;
    let token = world.issuer.token().mint();
    for _ in 0..3 {
        world.verify_at_once(&token).unwrap();
    }
    assert_eq!((hits(&world), world.verifier.counters().verified), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_is_judged_without_an_allocation() {
    let world = World::new().await;
    let header = format!("Bearer {}", world.issuer.token().mint());
    let values = || std::iter::once(header.as_bytes());
    world.verifier.authenticate_now(values()).unwrap().unwrap();
    let first = world.verifier.authenticate_now(values()).unwrap().unwrap();
    let known = (0..10_000).map(|number| Revocation {
        what: Revoked::Token(identity::TokenId(number.to_string().into())),
        forget_at: first.expires_at,
    });
    world.verifier.revoke(ISSUER, known).unwrap();
    let allocations = allocation_counter::measure(|| {
        for _ in 0..100 {
            world.verifier.authenticate_now(values()).unwrap().unwrap();
        }
    });
    assert_eq!(allocations.count_total, 0);
    assert_eq!(hits(&world), 100);
}
