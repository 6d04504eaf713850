//! All rules about claims, in one function (RFC 9068 §4, RFC 7519 §4.1). They hold for a token whose signature has
//! been verified, and serve `unverified` as a cheap look at one whose signature cannot be.

use identity::Claims;
use jiff::Timestamp;

use crate::{Limits, Reason, Trust, json};

/// How claims are judged: [`check`] or [`check_for_anybody`].
pub(crate) type Rules = fn(&Claims, &Trust, &Limits, Timestamp) -> Result<(), Reason>;

/// Reads the claims: strict JSON, everyone of them there and of its type.
pub(crate) fn parse(payload: &[u8], limits: &Limits) -> Result<Claims, Reason> {
    json::parse(payload, limits.json_depth).map_err(|fault| match fault {
        json::Fault::NotStrict => Reason::Malformed,
        json::Fault::OtherShape => Reason::Claims,
    })
}

/// Judges the claims at the instant `now`.
///
/// The leeway stands for the two clocks being apart, and is always given to the token: it is accepted from
/// `nbf − leeway` on, and until just before `exp + leeway`. Nothing else is lengthened by it: the lifetime is what
/// the issuer wrote, on one clock.
pub(crate) fn check(claims: &Claims, trust: &Trust, limits: &Limits, now: Timestamp) -> Result<(), Reason> {
    if claims.issuer == trust.issuer && !is_meant(claims, trust) {
        return Err(Reason::Audience);
    }
    check_for_anybody(claims, trust, limits, now)
}

/// As much of [`check`] as may come out otherwise the next time.
pub(crate) fn check_again(
    claims: &Claims,
    trust: &Trust,
    limits: &Limits,
    now: Timestamp,
) -> Result<(), Reason> {
    if is_meant(claims, trust) { check_time(claims, limits, now) } else { Err(Reason::Audience) }
}

fn is_meant(claims: &Claims, trust: &Trust) -> bool {
    claims.audience.iter().any(|audience| *audience == trust.audience)
}

/// All of [`check`] but that the token is meant for us.
pub(crate) fn check_for_anybody(
    claims: &Claims,
    trust: &Trust,
    limits: &Limits,
    now: Timestamp,
) -> Result<(), Reason> {
    if claims.issuer != trust.issuer {
        return Err(Reason::Issuer);
    }
    let actor_is_nameless = claims.actor.as_ref().is_some_and(|actor| actor.client_id.is_empty());
    if claims.token_id.0.is_empty() || claims.client_id.is_empty() || actor_is_nameless {
        return Err(Reason::Claims);
    }

    check_time(claims, limits, now)?;
    let lifetime = claims.expires_at.saturating_sub(claims.issued_at);
    if lifetime <= 0 || lifetime > seconds(limits.token_lifetime) {
        return Err(Reason::Lifetime);
    }
    Ok(())
}

fn check_time(claims: &Claims, limits: &Limits, now: Timestamp) -> Result<(), Reason> {
    let leeway = seconds(limits.leeway);
    let now = now.as_second();
    if now >= claims.expires_at.saturating_add(leeway) {
        return Err(Reason::Expired);
    }
    let not_future = now.saturating_add(leeway);
    if [claims.not_before, claims.issued_at, claims.auth_time].into_iter().any(|begin| begin > not_future) {
        return Err(Reason::NotYetValid);
    }
    Ok(())
}

fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn good() -> Value {
        json!({
            "iss": "https://auth.example", "sub": "01890a5d-ac96-774b-bcce-b302099a8057", "aud": ["auth", "users"],
            "exp": NOW + 600, "iat": NOW, "nbf": NOW, "jti": "j", "client_id": "signet",
            "sid": "01890a5d-ac96-774b-bcce-b302099a8057", "ver": 1, "scope": "profile",
            "roles": ["customer"], "auth_time": NOW,
        })
    }

    fn trust() -> Trust {
        Trust::new("https://auth.example", "users", "https://auth.example/jwks".parse().unwrap())
    }

    fn judge(claims: &Value) -> Result<(), Reason> {
        let (trust, limits) = (trust(), Limits::default());
        let claims = parse(claims.to_string().as_bytes(), &limits)?;
        check(&claims, &trust, &limits, Timestamp::from_second(NOW).unwrap())
    }

    fn with(name: &str, value: impl Into<Value>) -> Result<(), Reason> {
        let mut claims = good();
        claims[name] = value.into();
        judge(&claims)
    }

    #[test]
    fn good_claims_pass_and_unknown_ones_are_ignored() {
        assert_eq!(judge(&good()), Ok(()));
        assert_eq!(with("acr", "whatever"), Ok(()));
    }

    #[test]
    fn every_claim_is_required() {
        for name in good().as_object().unwrap().keys() {
            let mut claims = good();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(judge(&claims), Err(Reason::Claims), "{name}");
            assert_eq!(with(name, Value::Null), Err(Reason::Claims), "{name}: null");
        }
    }

    #[test]
    fn every_claim_has_its_type() {
        for (name, value) in [
            ("iss", json!(["https://auth.example"])),
            ("sub", json!("ada")),
            ("aud", json!("users")),
            ("aud", json!([1])),
            ("exp", json!("1800000600")),
            ("exp", json!(1_800_000_600.5)),
            ("iat", json!(true)),
            ("nbf", json!({})),
            ("jti", json!("")),
            ("client_id", json!("")),
            ("sid", json!(1)),
            ("ver", json!(-1)),
            ("scope", json!(["profile"])),
            ("roles", json!("customer")),
            ("roles", json!(["root"])),
            ("auth_time", json!("now")),
        ] {
            assert_eq!(with(name, value.clone()), Err(Reason::Claims), "{name}: {value}");
        }
    }

    #[test]
    fn an_actor_is_named_whole_or_not_at_all() {
        let (id, limits) = ("01890a5d-ac96-774b-bcce-b302099a8057", Limits::default());
        let actor = |claims: &Value| parse(claims.to_string().as_bytes(), &limits).map(|claims| claims.actor);
        assert_eq!(actor(&good()), Ok(None));
        let mut claims = good();
        claims["act"] = json!({ "sub": id, "client_id": "c", "iss": "x", "act": { "act": {} } });
        let named = actor(&claims).unwrap().unwrap();
        assert_eq!((named.subject.to_string().as_str(), named.client_id.as_str()), (id, "c"));
        assert_eq!(judge(&claims), Ok(()));
        for other in [
            json!(null),
            json!("c"),
            json!([]),
            json!([id, "c"]),
            json!([{ "sub": id, "client_id": "c" }]),
            json!({}),
            json!({ "sub": id }),
            json!({ "client_id": "c" }),
            json!({ "sub": id, "client_id": "" }),
            json!({ "sub": id, "client_id": null }),
            json!({ "sub": id, "client_id": ["c"] }),
            json!({ "sub": "c", "client_id": "c" }),
            json!({ "sub": null, "client_id": "c" }),
        ] {
            assert_eq!(with("act", other.clone()), Err(Reason::Claims), "{other}");
        }
        let text = good().to_string();
        for broken in [
            format!(r#""act":{{"sub":"{id}","sub":"{id}","client_id":"c"}}"#),
            format!(r#""act":{{"sub":"{id}","client_id":"c","client_\u0069d":"d"}}"#),
            format!(r#""act":{{"sub":"{id}","client_id":"c"}},"act":{{"sub":"{id}","client_id":"c"}}"#),
            format!(r#""act":{{"sub":"{id}","client_id":"c","x":{}}}"#, "[".repeat(7) + &"]".repeat(7)),
        ] {
            let text = text.replacen('{', &format!("{{{broken},"), 1);
            assert_eq!(parse(text.as_bytes(), &limits).err(), Some(Reason::Malformed), "{broken}");
        }
    }

    #[test]
    fn the_issuer_is_compared_exactly() {
        for issuer in ["https://auth.example/", "https://AUTH.example", "http://auth.example", ""] {
            assert_eq!(with("iss", issuer), Err(Reason::Issuer), "{issuer}");
        }
    }

    #[test]
    fn the_audience_names_this_service() {
        assert_eq!(with("aud", json!(["users"])), Ok(()));
        for audience in
            [json!([]), json!(["payments"]), json!(["Users"]), json!(["users "]), json!(["user", "s"])]
        {
            assert_eq!(with("aud", audience.clone()), Err(Reason::Audience), "{audience}");
        }
    }

    #[test]
    fn whomever_a_token_is_meant_for_all_other_rules_hold() {
        let (trust, limits) = (trust(), Limits::default());
        let judge = |name: &str, value: Value| {
            let mut claims = good();
            (claims["aud"], claims[name]) = (json!(["payments"]), value);
            let claims = parse(claims.to_string().as_bytes(), &limits)?;
            check_for_anybody(&claims, &trust, &limits, Timestamp::from_second(NOW).unwrap())
        };
        assert_eq!(judge("acr", json!("x")), Ok(()));
        assert_eq!(judge("iss", json!("https://other.example")), Err(Reason::Issuer));
        assert_eq!(judge("exp", json!(NOW - 30)), Err(Reason::Expired));
        assert_eq!(judge("nbf", json!(NOW + 31)), Err(Reason::NotYetValid));
    }

    #[test]
    fn leeway_is_thirty_seconds_at_both_ends() {
        let ends = |exp: i64| {
            let mut claims = good();
            claims["iat"] = json!(exp - 600);
            claims["nbf"] = json!(exp - 600);
            claims["auth_time"] = json!(exp - 600);
            claims["exp"] = json!(exp);
            judge(&claims)
        };
        assert_eq!(ends(NOW - 29), Ok(()));
        assert_eq!(ends(NOW - 30), Err(Reason::Expired));
        assert_eq!(ends(NOW - 31), Err(Reason::Expired));
        for name in ["nbf", "iat", "auth_time"] {
            assert_eq!(with(name, NOW + 29), Ok(()), "{name}");
            assert_eq!(with(name, NOW + 30), Ok(()), "{name}");
            assert_eq!(with(name, NOW + 31), Err(Reason::NotYetValid), "{name}");
        }
    }

    #[test]
    fn a_token_lives_an_hour_at_most() {
        assert_eq!(with("exp", NOW + 3600), Ok(()));
        assert_eq!(with("exp", NOW + 3601), Err(Reason::Lifetime));
        assert_eq!(with("iat", NOW - 3000), Ok(()));
        assert_eq!(with("iat", NOW - 3001), Err(Reason::Lifetime));
    }

    #[test]
    fn a_token_does_not_end_before_it_begins() {
        let mut claims = good();
        (claims["exp"], claims["iat"]) = (json!(NOW + 10), json!(NOW + 10));
        assert_eq!(judge(&claims), Err(Reason::Lifetime));
    }

    #[test]
    fn times_at_the_edge_of_the_numbers_are_judged_like_others() {
        assert_eq!(with("exp", i64::MAX), Err(Reason::Lifetime));
        assert_eq!(with("exp", i64::MIN), Err(Reason::Expired));
        assert_eq!(with("iat", i64::MIN), Err(Reason::Lifetime));
        assert_eq!(with("nbf", i64::MAX), Err(Reason::NotYetValid));
        assert_eq!(with("exp", u64::MAX), Err(Reason::Claims));
    }

    proptest! {
        #[test]
        fn whatever_passes_is_inside_its_life(exp: i64, iat: i64, nbf: i64) {
            let mut claims = good();
            (claims["exp"], claims["iat"], claims["nbf"]) = (json!(exp), json!(iat), json!(nbf));
            if judge(&claims).is_ok() {
                prop_assert!(NOW < exp + 30 && nbf - 30 <= NOW && iat - 30 <= NOW && exp - iat <= 3600);
            }
        }
    }
}
