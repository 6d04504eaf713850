//! What a refusal tells, and what it keeps to itself.

use serde_json::{Value, json};

use super::*;

fn of(reason: Reason) -> Refusal {
    Refusal::credential(reason.into())
}

fn headers(refusal: &Refusal) -> Vec<(&'static str, String)> {
    refusal.headers().map(|(name, value)| (name, value.into_owned())).collect()
}

fn body(refusal: &Refusal) -> Value {
    serde_json::from_str(&refusal.body()).unwrap()
}

#[test]
fn why_a_token_was_refused_is_not_told() {
    let told =
        |refusal: &Refusal| (refusal.status(), headers(refusal), refusal.body(), refusal.grpc_status());
    let alike = told(&of(Reason::Repeated));
    for reason in Reason::ALL {
        let refusal = of(reason);
        assert_eq!(refusal.reason(), Some(reason));
        assert!(refusal.to_string().ends_with(reason.as_str()), "{refusal}");
        if !matches!(reason, Reason::Missing | Reason::Unavailable) {
            assert_eq!(told(&refusal), alike, "{reason}");
        }
    }
    assert_eq!(of(Reason::Missing).body(), of(Reason::Expired).body());
}

#[test]
fn a_bad_token_and_none_differ_in_the_error_code() {
    assert_eq!(of(Reason::Missing).challenge().unwrap(), "Bearer");
    assert_eq!(of(Reason::Expired).challenge().unwrap(), r#"Bearer error="invalid_token""#);
    let told = json!({
        "type": "urn:signet:problem:unauthenticated",
        "title": "A valid access token is needed",
        "status": 401,
        "code": "unauthenticated",
    });
    assert_eq!(body(&of(Reason::Expired)), told);
    let always = [("content-type", "application/problem+json"), ("cache-control", "no-store")];
    assert_eq!(headers(&of(Reason::Missing))[..2], always.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn a_missing_scope_is_named() {
    let refusal = Refusal::scope("profile");
    assert_eq!((refusal.status(), refusal.grpc_status(), refusal.reason()), (403, 7, None));
    assert_eq!(refusal.challenge().unwrap(), r#"Bearer error="insufficient_scope", scope="profile""#);
    assert_eq!(body(&refusal)["detail"], r#"the scope "profile" is needed"#);
}

#[test]
fn no_other_token_helps_whoever_lacks_a_role() {
    let refusal = Refusal::role(Role::Admin);
    assert_eq!((refusal.status(), refusal.code(), refusal.challenge()), (403, "forbidden", None));
    assert_eq!(body(&refusal)["detail"], "the role admin is needed");
}

#[test]
fn without_keys_it_says_when_to_come_back() {
    for (wait, header) in [(0, "1"), (1000, "1"), (1001, "2"), (60_000, "60")] {
        let rejection = Rejection::unavailable(Duration::from_millis(wait));
        let refusal = Refusal::credential(rejection);
        assert_eq!((refusal.status(), refusal.grpc_status(), refusal.challenge()), (503, 14, None));
        assert!(headers(&refusal).contains(&("retry-after", header.to_owned())), "{wait}");
    }
}

#[test]
fn challenges_point_to_the_metadata() {
    let metadata: Arc<str> = "https://api.example/.well-known/oauth-protected-resource".into();
    let with = |mut refusal: Refusal| {
        refusal.0.resource_metadata = Some(Arc::clone(&metadata));
        refusal
    };
    let expected = [
        (of(Reason::Missing), r"Bearer "),
        (of(Reason::Expired), r#"Bearer error="invalid_token", "#),
        (Refusal::scope("a:b"), r#"Bearer error="insufficient_scope", scope="a:b", "#),
    ];
    for (refusal, before) in expected {
        let expected = format!(r#"{before}resource_metadata="{metadata}""#);
        assert_eq!(with(refusal).challenge(), Some(expected));
    }
    for refusal in [Refusal::role(Role::Admin), of(Reason::Unavailable)] {
        assert_eq!(with(refusal).challenge(), None);
    }
}
