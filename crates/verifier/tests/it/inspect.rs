//! What an issuer may ask about its own tokens, whomever they are meant for.

use verifier::{Reason, Revocation, Revoked, testing::Forgery};

use crate::support::{ISSUER, World, at_once};

#[tokio::test(start_paused = true)]
async fn a_token_for_others_can_be_read_and_lets_nobody_in() {
    let world = World::new().await;
    let token = world.issuer.token().audience(["payments"]).mint();
    for _ in 0..2 {
        let read = at_once(world.verifier.inspect(&token)).unwrap();
        assert_eq!(read.audience, ["payments"]);
        assert_eq!(world.verify_at_once(&token).unwrap_err().reason(), Reason::Audience);
    }
    let revocation = Revocation { what: Revoked::Token(claims(&world, &token)), forget_at: i64::MAX };
    world.verifier.revoke(ISSUER, [revocation]).unwrap();
    assert_eq!(at_once(world.verifier.inspect(&token)).unwrap_err().reason(), Reason::Revoked);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_the_issuers_is_not_read() {
    let world = World::new().await;
    for forgery in Forgery::ALL.into_iter().filter(|forgery| *forgery != Forgery::WrongAudience) {
        let token = world.issuer.forge(forgery);
        assert!(world.verifier.inspect(&token).await.is_err(), "{forgery:?}");
    }
}

fn claims(world: &World, token: &str) -> identity::TokenId {
    at_once(world.verifier.inspect(token)).unwrap().token_id.clone()
}
