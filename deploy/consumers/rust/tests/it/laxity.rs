//! Where a library alone is laxer than the `verifier` crate. All of these tokens carry the issuer's good signature, so
//! none of it lets a stranger in; deploy/consumers/README.md lists what is accepted by whom, and this holds it true.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use verifier::testing::Issuer;

use crate::{
    consumer::{Consumer, Kind},
    for_each_consumer,
};

for_each_consumer!(the_readme_says_who_accepts_what);

const README: &str = include_str!("../../../README.md");

fn questionable(issuer: &Issuer) -> Vec<(&'static str, String)> {
    let token = || issuer.token();
    let header = |more: &str| {
        let text = format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{}",{more}}}"#, issuer.kid());
        token().header_text(&text).mint()
    };
    let twice = {
        let good = token().mint();
        let claims = URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap();
        let claims = String::from_utf8(claims).unwrap();
        format!(r#"{},"jti":"twice"}}"#, claims.strip_suffix('}').unwrap())
    };
    vec![
        ("a header member twice", header(r#""x":1,"x":1"#)),
        ("a claim twice", token().claims_text(&twice).mint()),
        ("an unknown `crit`", token().header("crit", json!(["x"])).header("x", json!(1)).mint()),
        ("`b64: true`", token().header("b64", json!(true)).mint()),
        ("a key in the header (`jwk`)", token().header("jwk", json!(issuer.key_set().keys[0])).mint()),
        ("a URL of keys in the header (`jku`)", token().header("jku", json!("https://evil.example")).mint()),
        ("compressed (`zip`)", token().header("zip", json!("DEF")).mint()),
        ("padded base64", token().mint() + "=="),
        ("loose last bits of base64", loose(token().mint())),
        ("`aud` a text", token().claim("aud", json!("users")).mint()),
        ("a life of ten hours", token().expires_in(Duration::from_hours(10)).mint()),
        ("no session (`sid`)", token().without_claim("sid").mint()),
        ("JSON nested nine deep", token().claim("x", json!([[[[[[[[1]]]]]]]])).mint()),
    ]
}

/// Another spelling of the same bytes: of the last letter of 256 bytes in base64 two bits count.
fn loose(mut token: String) -> String {
    let last = token.pop().and_then(|last| char::from_u32(last as u32 + 1)).unwrap();
    token.push(last);
    token
}

async fn the_readme_says_who_accepts_what(kind: Kind) {
    let Some(consumer) = Consumer::start(kind).await else { return };
    let mut wrong = Vec::new();
    for (name, token) in questionable(&consumer.issuer) {
        let verdict = if consumer.status(&token).await == 200 { "accepted" } else { "refused" };
        let row = README.lines().find_map(|line| line.strip_prefix(&format!("| {name} |")));
        let cells: Vec<_> = row.unwrap_or_default().split('|').map(str::trim).collect();
        let said = cells.get(kind as usize).copied().unwrap_or("nothing");
        if said != verdict {
            wrong.push(format!("{name}: {verdict}, and the README says {said}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
