//! Headers, claims, and the `Authorization` header: what passes keeps the rules as a plain reader sees them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::Claims;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    cases,
    damage::{damaged, steps},
    reference::is_strict,
};
use crate::{
    Algorithm, Limits, Trust, bearer,
    token::{KnownHeaders, Token, claims},
};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://auth.example";
const FORBIDDEN: [&str; 8] = ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"];

fn good_claims() -> String {
    json!({
        "iss": ISSUER, "sub": "01890a5d-ac96-774b-bcce-b302099a8057", "aud": ["auth", "users"],
        "exp": NOW + 600, "iat": NOW, "nbf": NOW, "jti": "j", "client_id": "signet",
        "sid": "01890a5d-ac96-774b-bcce-b302099a8057", "ver": 1, "scope": "profile",
        "roles": ["customer"], "auth_time": NOW, "more": { "of": ["it", 1, null] },
    })
    .to_string()
}

fn judged(text: &[u8]) -> Option<Claims> {
    let trust = Trust::new(ISSUER, "users", "https://auth.example/jwks".parse().unwrap());
    let limits = Limits::default();
    let claims = claims::parse(text, &limits).ok()?;
    let now = Timestamp::from_second(NOW).unwrap();
    claims::check(&claims, &trust, &limits, now).ok().map(|()| claims)
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn a_header_that_passes_keeps_the_rules(steps in steps()) {
        let header = damaged(r#"{"alg":"RS256","typ":"at+jwt","kid":"key-1","cty":"x","more":{"of":[1]}}"#, &steps);
        let token = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(&header));
        let limits = Limits::default();
        let known = KnownHeaders::default();
        if let Ok(token) = Token::parse(token.as_bytes(), &limits, &known) {
            prop_assert!(is_strict(&header, limits.json_depth));
            let read: Value = serde_json::from_slice(&header).unwrap();
            let members = read.as_object();
            prop_assert!(members.is_some(), "no object: {}", read);
            prop_assert!(FORBIDDEN.iter().all(|name| read.get(name).is_none()), "{}", read);
            let algorithm = Algorithm::ALL.into_iter().find(|algorithm| read["alg"] == algorithm.as_str());
            prop_assert_eq!(Some(token.header.algorithm), algorithm);
            prop_assert_eq!(&read["kid"], &*token.header.kid);
            let typ = read["typ"].as_str().unwrap().to_ascii_lowercase();
            prop_assert!(typ == "at+jwt" || typ == "application/at+jwt", "{}", typ);
        }
    }

    #[test]
    fn claims_that_pass_keep_the_rules(steps in steps()) {
        let text = damaged(good_claims(), &steps);
        if let Some(claims) = judged(&text) {
            prop_assert!(is_strict(&text, Limits::default().json_depth));
            prop_assert_eq!(&claims, &serde_json::from_slice::<Claims>(&text).unwrap());
            let read: Value = serde_json::from_slice(&text).unwrap();
            prop_assert!(read.is_object(), "no object: {}", read);
            prop_assert_eq!(&read["iss"], ISSUER);
            prop_assert!(read["aud"].as_array().unwrap().contains(&json!("users")), "{}", read);
            let second = |name: &str| read[name].as_i64().unwrap();
            prop_assert!(second("exp") > NOW - 30 && second("exp") - second("iat") <= 3600, "{}", read);
            prop_assert!(["iat", "nbf", "auth_time"].into_iter().all(|name| second(name) <= NOW + 30), "{}", read);
            // What the claims say is what was written, and the other way round: no spelling but one.
            let told = serde_json::to_value(&claims).unwrap();
            for (name, value) in told.as_object().unwrap() {
                if !["sub", "sid", "roles"].contains(&name.as_str()) {
                    prop_assert_eq!(&read[name], value, "{}", name);
                }
            }
        }
    }

    #[test]
    fn a_token_leaves_its_header_as_it_stood_there(steps in steps()) {
        let value = damaged("Bearer aaaa.bbbb.cccc", &steps);
        if let Ok(token) = bearer([value.as_slice()].into_iter()) {
            let (before, found) = value.split_at(value.len() - token.len());
            prop_assert_eq!(found, token);
            prop_assert!(!token.is_empty() && token[0] != b' ');
            let (scheme, blanks) = before.split_at(6);
            prop_assert!(scheme.eq_ignore_ascii_case(b"bearer"));
            prop_assert!(!blanks.is_empty() && blanks.iter().all(|blank| *blank == b' '));
        }
    }
}
