//! What a service answers over HTTP, whatever it is made with: one table for `actix`, `axum` and `tower`, whose files
//! start services with two routes, `/profile` for the scope of that name and `/admin` for that role. Both tell who calls.

use reqwest::{Client, Response, header};
use serde_json::{Value, json};
use verifier::{
    Limits, Reason, Verifier,
    access::{AnyScope, Caller, Role, role, scope},
    testing::{Answer, Forgery, Issuer},
};

use crate::support::{Always, METADATA, World, at_once, within_a_minute};

/// Gets with all these `Authorization` values.
async fn get(url: String, authorization: &[&str]) -> Response {
    let request = authorization
        .iter()
        .fold(Client::new().get(url), |request, value| request.header(header::AUTHORIZATION, *value));
    within_a_minute(request.send()).await.unwrap()
}

fn text<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Good tokens, one of them under a key that has yet to be fetched.
pub(crate) async fn lets_in<S: Future<Output = String>>(serve: impl Fn(Verifier) -> S) {
    let world = World::new().await;
    let base = serve(world.verifier.clone()).await;
    let user = "0198c0de-0000-7000-8000-000000000001";
    let token = || world.issuer.token().roles([Role::Customer, Role::Admin]).claim("sub", json!(user)).mint();
    let old = token();
    world.issuer.rotate();
    world.publish();
    for (path, token) in [("/profile", &old), ("/profile", &token()), ("/admin", &token())] {
        let response = get(format!("{base}{path}"), &[&bearer(token)]).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.text().await.unwrap(), user);
    }
    assert_eq!(world.script.requests(), 2, "one for the unknown key");
}

/// Asks, and is refused: with this status and code, and challenged with these parameters.
async fn refused(url: String, authorization: &[&str], status: u16, code: &str, parameters: Option<&str>) {
    let response = get(url, authorization).await;
    assert_eq!(response.status(), status, "{authorization:?}");
    let challenge = parameters.map(|error| format!(r#"Bearer {error}resource_metadata="{METADATA}""#));
    assert_eq!(text(&response, "www-authenticate"), challenge.as_deref(), "{authorization:?}");
    assert_eq!(text(&response, "content-type"), Some("application/problem+json"));
    assert_eq!(text(&response, "cache-control"), Some("no-store"));
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)));
    assert_eq!(body["type"], format!("urn:signet:problem:{code}"));
    assert_eq!(body["detail"].is_string(), status == 403, "{body}");
}

/// Everybody else is told as much as helps, and no more.
pub(crate) async fn keeps_out<S: Future<Output = String>>(serve: impl Fn(Verifier) -> S) {
    let world = World::new().await;
    let base = serve(world.verifier.clone()).await;
    let (profile, admin) = (|| format!("{base}/profile"), || format!("{base}/admin"));
    refused(profile(), &[], 401, "unauthenticated", Some("")).await;

    let good = bearer(&world.issuer.token().mint());
    let unknown = bearer(&world.issuer.token().header("kid", json!("nobody")).mint());
    let forged = Forgery::ALL.map(|forgery| bearer(&world.issuer.forge(forgery)));
    let others = ["Basic YTpi", "Bearer", "Bearer garbage", &unknown];
    for value in forged.iter().map(String::as_str).chain(others) {
        refused(profile(), &[value], 401, "unauthenticated", Some(r#"error="invalid_token", "#)).await;
    }
    refused(profile(), &[&good, &good], 401, "unauthenticated", Some(r#"error="invalid_token", "#)).await;
    assert_eq!(world.verifier.counters().rejected(Reason::Repeated), 1, "headers are counted too");

    let narrow = bearer(&world.issuer.token().scopes(["users"]).mint());
    let needed = r#"error="insufficient_scope", scope="profile", "#;
    refused(profile(), &[&narrow], 403, "insufficient_scope", Some(needed)).await;
    refused(admin(), &[&good], 403, "forbidden", None).await;
}

/// Without keys it is the service's fault, unless the token is bad anyhow.
pub(crate) async fn needs_keys<S: Future<Output = String>>(serve: impl Fn(Verifier) -> S) {
    let world = World::cold(|_: &Issuer| Answer::Status(503), &Limits::default(), Always(0));
    let base = serve(world.verifier.clone()).await;
    let response = get(format!("{base}/profile"), &[&bearer(&world.issuer.token().mint())]).await;
    assert_eq!((response.status().as_u16(), text(&response, "www-authenticate")), (503, None));
    assert!(text(&response, "retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert!(response.text().await.unwrap().contains(r#""code":"unavailable""#));
    let expired = bearer(&world.issuer.forge(Forgery::Expired));
    assert_eq!(get(format!("{base}/profile"), &[&expired]).await.status(), 401);
}

#[tokio::test]
async fn a_caller_is_known_by_its_token() {
    let world = World::new().await;
    let token = world.issuer.token().roles([Role::Provider]).mint();
    let header = bearer(&token);
    let values = || [header.as_bytes()].into_iter();
    let caller = Caller::<scope::Schedule>::authenticate(&world.verifier, values()).await.unwrap();
    assert_eq!(caller.token(), token);
    assert_eq!((caller.user_id(), caller.session_id()), (caller.subject, caller.session_id));
    assert!(caller.has_role(Role::Provider) && caller.require_role(Role::Provider).is_ok());
    assert_eq!(caller.require_role(Role::Admin).unwrap_err().code(), "forbidden");
    assert!(!format!("{caller:?}").contains(&caller.session_id().to_string()));

    assert!(at_once(Caller::<role::Provider>::authenticate(&world.verifier, values())).is_ok());
    let now = Caller::<AnyScope>::authenticate_now(&world.verifier, values());
    assert_eq!(now.unwrap().unwrap().clone().user_id(), caller.user_id());
    let refusal = Caller::<scope::Profile>::authenticate_now(&world.verifier, values()).unwrap().unwrap_err();
    assert_eq!((refusal.status(), refusal.reason()), (403, None));
}

#[tokio::test]
async fn a_caller_may_go_to_any_thread() {
    fn goes<T: Send + Sync + Clone + 'static>() {}
    /// What a demand is made of does not matter.
    struct Rooted(#[expect(dead_code, reason = "only its type is of interest")] std::rc::Rc<()>);
    impl verifier::access::Demand for Rooted {
        const SCOPE: Option<&'static str> = Some("users");
        const ROLE: Option<Role> = Some(Role::Admin);
    }
    goes::<Caller<Rooted>>();

    let world = World::new().await;
    let verdict = |token: String| {
        let header = bearer(&token);
        let values = [header.as_bytes()];
        at_once(Caller::<Rooted>::authenticate(&world.verifier, values.into_iter()))
            .map_err(|refusal| refusal.code())
            .map(|_| ())
    };
    assert_eq!(verdict(world.issuer.token().roles([Role::Admin]).mint()), Ok(()));
    assert_eq!(verdict(world.issuer.token().scopes(["users"]).mint()), Err("forbidden"));
    assert_eq!(verdict(world.issuer.token().mint()), Err("insufficient_scope"));
}
