//! Every rule about a token, broken on its own. All of these tokens are signed with the issuer's key unless the
//! case is about the signature.

use std::time::Duration;

use identity::{Role, SystemClock, SystemEntropy, UserId};
use serde_json::json;
use verifier::{
    Reason,
    testing::{Forgery, HmacSecret, Issuer},
};

use crate::support::World;

/// Declares one test per case: the token that this expression makes of the issuer is refused for that reason.
macro_rules! refused {
    ($($name:ident: $token:expr => $reason:ident;)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                let world = World::new().await;
                let make: fn(&Issuer) -> String = $token;
                let rejection = world.verify_at_once(&make(&world.issuer)).unwrap_err();
                assert_eq!(rejection.reason(), Reason::$reason);
                assert!(!rejection.is_unavailable());
                assert_eq!(rejection.retry_after(), None);
            }
        )*
    };
}

/// As `refused!`, for tokens that are accepted.
macro_rules! accepted {
    ($($name:ident: $token:expr;)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                let world = World::new().await;
                let make: fn(&Issuer) -> String = $token;
                world.verify_at_once(&make(&world.issuer)).unwrap();
            }
        )*
    };
}

/// The claims of a good token, with `more` at their end.
fn claims_with(issuer: &Issuer, more: &str) -> String {
    let token = issuer.token().mint();
    let payload = token.split('.').nth(1).unwrap();
    let json = String::from_utf8(base64_decode(payload)).unwrap();
    format!("{},{more}}}", json.strip_suffix('}').unwrap())
}

fn base64_decode(text: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// A header as it should be, with `more` at its end.
fn header_with(issuer: &Issuer, more: &str) -> String {
    format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{}",{more}}}"#, issuer.kid())
}

accepted! {
    good: |issuer| issuer.token().mint();
    typ_in_capitals: |issuer| issuer.token().header("typ", json!("AT+JWT")).mint();
    typ_as_a_full_media_type: |issuer| issuer.token().header("typ", json!("application/at+jwt")).mint();
    unknown_header_members: |issuer| issuer.token().header("x", json!({"y": 1})).mint();
    unknown_claims: |issuer| issuer.token().claim("acr", json!("x")).mint();
    just_for_this_service: |issuer| issuer.token().audience(["users"]).mint();
    an_hour_long: |issuer| issuer.token().expires_in(Duration::from_hours(1)).mint();
    eight_levels_deep: |issuer| issuer.token().claim("x", json!([[[[[[[1]]]]]]])).mint();
}

refused! {
    empty: |_| String::new() => Malformed;
    no_token: |_| "hello".into() => Malformed;
    two_parts: |issuer| issuer.token().mint().rsplit_once('.').unwrap().0.into() => Malformed;
    four_parts: |issuer| issuer.token().mint() + ".AAAA" => Malformed;
    encrypted: |_| "e30.e30.e30.e30.e30".into() => Malformed;
    blank_in_front: |issuer| format!(" {}", issuer.token().mint()) => Malformed;
    newline_at_the_end: |issuer| issuer.token().mint() + "\n" => Malformed;
    padded: |issuer| issuer.token().mint() + "==" => Malformed;
    standard_alphabet: |issuer| {
        // Tokens whose signature has neither letter in question are tried again; four in ten thousand are.
        std::iter::repeat_with(|| issuer.token().mint())
            .find(|token| token.contains(['-', '_']))
            .map(|token| token.replace('-', "+").replace('_', "/"))
            .unwrap()
    } => Malformed;
    loose_bits: |issuer| {
        // A signature of 256 bytes ends in a letter of which two bits count: the same bytes have 16 spellings.
        let mut token = issuer.token().mint();
        let last = token.pop().unwrap();
        token.push((last as u8 + 1) as char);
        token
    } => Malformed;
    nine_kibibytes: |issuer| issuer.token().claim("x", json!("x".repeat(9000))).mint() => TooLong;

    header_not_json: |issuer| issuer.token().header_text("{").mint() => Malformed;
    header_not_an_object: |issuer| issuer.token().header_text("[]").mint() => Malformed;
    header_member_twice: |issuer| {
        issuer.token().header_text(&header_with(issuer, r#""alg":"RS256""#)).mint()
    } => Malformed;
    header_unknown_member_twice: |issuer| {
        issuer.token().header_text(&header_with(issuer, r#""x":1,"x":1"#)).mint()
    } => Malformed;
    header_nine_levels_deep: |issuer| {
        issuer.token().header("x", json!([[[[[[[[1]]]]]]]])).mint()
    } => Malformed;
    crit: |issuer| issuer.token().header("crit", json!(["exp"])).mint() => ForbiddenHeader;
    crit_null: |issuer| issuer.token().header("crit", json!(null)).mint() => ForbiddenHeader;
    b64: |issuer| issuer.token().header("b64", json!(false)).mint() => ForbiddenHeader;
    zip: |issuer| issuer.token().header("zip", json!("DEF")).mint() => ForbiddenHeader;
    enc: |issuer| issuer.token().header("enc", json!("A256GCM")).mint() => ForbiddenHeader;
    jwk: |issuer| issuer.token().header("jwk", json!(issuer.key_set().keys[0])).mint() => ForbiddenHeader;
    jku: |issuer| issuer.token().header("jku", json!("https://evil.example")).mint() => ForbiddenHeader;
    x5u: |issuer| issuer.token().header("x5u", json!("https://evil.example")).mint() => ForbiddenHeader;
    x5c: |issuer| issuer.token().header("x5c", json!(["AAAA"])).mint() => ForbiddenHeader;

    unsigned: |issuer| issuer.token().mint_unsigned() => Algorithm;
    none_with_a_signature: |issuer| issuer.token().header("alg", json!("none")).mint() => Algorithm;
    hmac_with_pem: |issuer| issuer.token().mint_hmac(HmacSecret::Pem) => Algorithm;
    hmac_with_jwk: |issuer| issuer.token().mint_hmac(HmacSecret::Jwk) => Algorithm;
    rs512: |issuer| issuer.token().header("alg", json!("RS512")).mint() => Algorithm;
    alg_missing: |issuer| issuer.token().without_header("alg").mint() => Algorithm;
    typ_jwt: |issuer| issuer.token().header("typ", json!("JWT")).mint() => Type;
    typ_logout: |issuer| issuer.token().header("typ", json!("logout+jwt")).mint() => Type;
    typ_missing: |issuer| issuer.token().without_header("typ").mint() => Type;
    kid_missing: |issuer| issuer.token().without_header("kid").mint() => KeyId;
    kid_empty: |issuer| issuer.token().header("kid", json!("")).mint() => KeyId;
    kid_too_long: |issuer| issuer.token().header("kid", json!("k".repeat(129))).mint() => KeyId;
    kid_not_text: |issuer| issuer.token().header("kid", json!(1)).mint() => Malformed;

    tampered: |issuer| issuer.token().mint_tampered("roles", json!(["admin"])) => Signature;
    strangers_key: |issuer| issuer.forge(Forgery::WrongKey) => Signature;
    signature_too_short: |issuer| {
        let token = issuer.token().mint();
        format!("{}.AAAA", token.rsplit_once('.').unwrap().0)
    } => Signature;

    claims_not_json: |issuer| issuer.token().claims_text("{").mint() => Malformed;
    claims_not_an_object: |issuer| issuer.token().claims_text("[]").mint() => Claims;
    claim_twice: |issuer| {
        issuer.token().claims_text(&claims_with(issuer, r#""ver":1"#)).mint()
    } => Malformed;
    claim_twice_by_escape: |issuer| {
        issuer.token().claims_text(&claims_with(issuer, r#""\u0076er":1"#)).mint()
    } => Malformed;
    unknown_claim_twice: |issuer| {
        issuer.token().claims_text(&claims_with(issuer, r#""x":1,"x":1"#)).mint()
    } => Malformed;
    claims_nine_levels_deep: |issuer| {
        issuer.token().claim("x", json!([[[[[[[[1]]]]]]]])).mint()
    } => Malformed;

    iss_missing: |issuer| issuer.token().without_claim("iss").mint() => Claims;
    iss_other: |issuer| issuer.token().claim("iss", json!("https://evil.example")).mint() => Issuer;
    iss_with_a_slash: |issuer| issuer.token().claim("iss", json!("https://auth.example/")).mint() => Issuer;
    sub_missing: |issuer| issuer.token().without_claim("sub").mint() => Claims;
    sub_no_user: |issuer| issuer.token().claim("sub", json!("ada")).mint() => Claims;
    aud_missing: |issuer| issuer.token().without_claim("aud").mint() => Claims;
    aud_other: |issuer| issuer.token().audience(["auth", "payments"]).mint() => Audience;
    aud_none: |issuer| issuer.token().audience([]).mint() => Audience;
    aud_text: |issuer| issuer.token().claim("aud", json!("users")).mint() => Claims;
    exp_missing: |issuer| issuer.token().without_claim("exp").mint() => Claims;
    exp_text: |issuer| issuer.token().claim("exp", json!("never")).mint() => Claims;
    exp_passed: |issuer| issuer.token().expired().mint() => Expired;
    exp_too_far: |issuer| issuer.token().expires_in(Duration::from_secs(3601)).mint() => Lifetime;
    iat_missing: |issuer| issuer.token().without_claim("iat").mint() => Claims;
    nbf_missing: |issuer| issuer.token().without_claim("nbf").mint() => Claims;
    not_yet: |issuer| issuer.forge(Forgery::NotYetValid) => NotYetValid;
    jti_missing: |issuer| issuer.token().without_claim("jti").mint() => Claims;
    client_id_missing: |issuer| issuer.token().without_claim("client_id").mint() => Claims;
    sid_missing: |issuer| issuer.token().without_claim("sid").mint() => Claims;
    ver_missing: |issuer| issuer.token().without_claim("ver").mint() => Claims;
    ver_negative: |issuer| issuer.token().claim("ver", json!(-1)).mint() => Claims;
    scope_missing: |issuer| issuer.token().without_claim("scope").mint() => Claims;
    scope_list: |issuer| issuer.token().claim("scope", json!(["profile"])).mint() => Claims;
    roles_missing: |issuer| issuer.token().without_claim("roles").mint() => Claims;
    roles_text: |issuer| issuer.token().claim("roles", json!("admin")).mint() => Claims;
    auth_time_missing: |issuer| issuer.token().without_claim("auth_time").mint() => Claims;
}

#[tokio::test(start_paused = true)]
async fn the_claims_come_out_as_they_went_in() {
    let world = World::new().await;
    let user = UserId::generate(&SystemClock, &SystemEntropy);
    let token = world.issuer.token().subject(user).roles([Role::Provider, Role::Admin]).scopes(["users"]);
    let claims = world.verify_at_once(&token.mint()).unwrap();
    assert_eq!((claims.subject, claims.issuer.as_str()), (user, world.issuer.url()));
    assert!(claims.roles.contains(Role::Admin) && !claims.roles.contains(Role::Customer));
    assert_eq!(claims.scope.as_str(), "users");
    assert_eq!(claims.expires_at - claims.issued_at, 600);
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_when_its_time_and_the_leeway_are_over() {
    let world = World::new().await;
    let token = world.issuer.token().mint();
    crate::support::pass(629).await;
    world.verify_at_once(&token).unwrap();
    crate::support::pass(1).await;
    assert_eq!(world.verify_at_once(&token).unwrap_err().reason(), Reason::Expired);
}

#[tokio::test(start_paused = true)]
async fn every_forgery_is_refused_for_its_own_reason() {
    let world = World::new().await;
    for forgery in Forgery::ALL {
        let rejection = world.verify_at_once(&world.issuer.forge(forgery)).unwrap_err();
        assert_eq!(rejection.reason(), forgery.reason(), "{forgery:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn outcomes_are_counted_and_a_rejection_shows_nothing_of_the_token() {
    let world = World::new().await;
    world.verify_at_once(&world.issuer.token().mint()).unwrap();
    let secret =
        world.issuer.token().claim("iss", json!("canary-canary")).header("x", json!("canary-canary"));
    let rejection = world.verify_at_once(&secret.mint()).unwrap_err();
    for shown in [rejection.to_string(), format!("{rejection:?}"), format!("{:?}", world.verifier)] {
        assert!(!shown.contains("canary"), "{shown}");
    }
    let counters = world.verifier.counters();
    assert_eq!((counters.verified, counters.rejected(Reason::Issuer)), (1, 1));
    assert_eq!(counters.rejections.iter().map(|(_, count)| count).sum::<u64>(), 1);
    assert_eq!((counters.fetches, counters.fetch_failures), (1, 0));
}
