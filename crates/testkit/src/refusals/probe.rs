//! The bad requests themselves. Each function answers with what was not refused as it must be.

use identity::scope;
use verifier::testing::Forgery;

use super::operation::Operation;
use crate::{
    Client, Issuer,
    http::{Request, Response},
};

/// The largest body that any operation takes, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// A member that no request has.
const STRANGER: &str = "no_such_field";

/// No token, bad tokens, and a good token without the scope. Nothing else is sent, so that this also shows that
/// the token is looked at before anything else of the request.
pub(super) async fn credentials(client: &Client, issuer: &Issuer, operation: &Operation) -> Vec<String> {
    let Some(scopes) = &operation.scopes else { return Vec::new() };
    let mut faults = Vec::new();
    let response = request(&client.anonymous(), operation).await;
    faults.extend(refused(response, 401, "unauthenticated", Some("Bearer"), "without a token"));

    let forged = Forgery::ALL.map(|forgery| (format!("{forgery:?}"), issuer.forge(forgery)));
    let garbage = ["x", "a.b.c", "....."].map(|garbage| (format!("{garbage:?}"), garbage.to_owned()));
    for (kind, token) in forged.into_iter().chain(garbage) {
        let response = request(&client.with_token(&token), operation).await;
        let challenge = Some(r#"Bearer error="invalid_token""#);
        faults.extend(refused(
            response,
            401,
            "unauthenticated",
            challenge,
            &format!("with the token {kind}"),
        ));
    }

    for missing in scopes {
        let others = scope::ALL.iter().copied().filter(|scope| scope != missing);
        let response = request(&client.with_token(&issuer.token_with(others)), operation).await;
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{missing}""#);
        let what = format!("without the scope {missing}");
        faults.extend(refused(response, 403, "insufficient_scope", Some(&challenge), &what));
    }
    faults
}

/// Bodies that no operation takes, sent by somebody who may do everything.
pub(super) async fn bodies(client: &Client, issuer: &Issuer, operation: &Operation) -> Vec<String> {
    let Some(body) = &operation.body else { return Vec::new() };
    let client = trusted(client, issuer, operation);
    let json =
        |text: String| request(&client, operation).header("content-type", "application/json").body(text);
    let mut faults = Vec::new();

    let large = json(format!(r#"{{"padding":"{}"}}"#, "x".repeat(MAX_BODY)));
    faults.extend(refused(large.await, 413, "body_too_large", None, "a body over 64 KiB"));
    for malformed in ["{\"".to_owned(), "[".repeat(10_000), "\u{0}".to_owned(), "null".to_owned()] {
        let what = format!("the body {malformed:.8?}…");
        faults.extend(refused(json(malformed).await, 400, "invalid_json", None, &what));
    }
    if body.required {
        let untyped = request(&client, operation).body("{}");
        faults.extend(refused(untyped.await, 415, "unsupported_media_type", None, "a body of no type"));
    }
    if body.is_object {
        let array = json("[]".to_owned()).await;
        faults.extend(refused(array, 400, "invalid_json", None, "an array instead of an object"));
    }
    let strange = json(format!(r#"{{"{STRANGER}":1}}"#)).await;
    let (name, named) = (strange.name().to_owned(), strange.text.contains(STRANGER));
    let (status, code) =
        if strange.status == 422 { (422, "validation_failed") } else { (400, "invalid_json") };
    faults.extend(refused(strange, status, code, None, "an unknown field"));
    if body.is_object && !named {
        faults.push(format!("{name}: an unknown field is refused without being named"));
    }
    faults
}

/// Path parameters that are no ids, sent by somebody who may do everything.
pub(super) async fn path(client: &Client, issuer: &Issuer, operation: &Operation) -> Vec<String> {
    if !operation.has_parameters() {
        return Vec::new();
    }
    let client = trusted(client, issuer, operation);
    let mut faults = Vec::new();
    for garbage in ["x", "%00", "%ff", "..%2f", "'%20OR%201=1--"] {
        let response = client.request(operation.method.clone(), &operation.path_with(garbage)).await;
        if !(400..500).contains(&response.status) {
            faults.push(format!("{}: answered {}", response.name(), response.status));
        }
    }
    faults
}

fn trusted(client: &Client, issuer: &Issuer, operation: &Operation) -> Client {
    if operation.is_public() {
        return client.anonymous();
    }
    client.with_token(&issuer.token_with(scope::ALL.iter().copied()))
}

/// A request of the operation with the headers that it cannot do without.
fn request(client: &Client, operation: &Operation) -> Request {
    let request = client.request(operation.method.clone(), &operation.path());
    operation.headers.iter().fold(request, |request, name| request.header(name, "refusals"))
}

fn refused(
    response: Response,
    status: u16,
    code: &str,
    challenge: Option<&str>,
    what: &str,
) -> Option<String> {
    let (name, challenged) =
        (response.name().to_owned(), response.header("www-authenticate").map(str::to_owned));
    if let Err(fault) = response.try_problem(status, code) {
        return Some(format!("{fault}: {what}"));
    }
    let wrong = challenge != challenged.as_deref();
    wrong.then(|| format!("{name}: WWW-Authenticate is {challenged:?}: {what}"))
}
