//! Whatever is thrown at a service, none of it is found in what it logs or answers, at any level of detail.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use verifier::{
    access::{Caller, Refusal, Role, scope},
    testing::TokenBuilder,
};

use crate::support::World;

/// Stands in everything that an attacker can choose.
const CANARY: &str = "canary-1f0e9d";

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// One with the canary in each place where there is one, all else being good.
fn attacks(world: &World) -> Vec<String> {
    let token = || world.issuer.token();
    let members =
        ["kid", "typ", "alg", "crit", "jku", "jwk", "x5u", "x5c", "zip", "b64", "enc", "cty", CANARY];
    let claims =
        ["iss", "aud", "sub", "sid", "jti", "client_id", "scope", "roles", "exp", "nbf", "ver", CANARY];
    let header = members.map(|name| token().header(name, json!(CANARY)).mint());
    let claimed = claims.map(|name| token().claim(name, json!(CANARY)).mint());
    let text = |build: fn(TokenBuilder, &str) -> TokenBuilder| {
        let texts =
            [CANARY.to_owned(), format!(r#"{{"{CANARY}":1,"{CANARY}":1}}"#), format!("[\"{CANARY}\"]")];
        texts.map(|text| build(token(), &text).mint())
    };
    let unsigned = token().claim("jti", json!(CANARY)).mint_unsigned();
    let expired = token().claim("jti", json!(CANARY)).expired().mint();
    let mut attacks = vec![CANARY.to_owned(), format!("{CANARY}.{CANARY}.{CANARY}"), unsigned, expired];
    attacks.extend(header.into_iter().chain(claimed));
    attacks.extend(text(TokenBuilder::header_text).into_iter().chain(text(TokenBuilder::claims_text)));
    attacks
}

fn told(refusal: &Refusal) -> String {
    let headers: Vec<_> = refusal.headers().collect();
    format!("{refusal} {refusal:?} {headers:?} {}", refusal.body())
}

#[tokio::test]
async fn nothing_of_a_token_gets_into_logs_or_answers() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());

    let world = World::new().await;
    let attacks = attacks(&world);
    let mut answers = String::new();
    let mut refused = 0;
    for token in &attacks {
        for scheme in ["Bearer", CANARY] {
            let header = format!("{scheme} {token}");
            let values = [header.as_bytes()].into_iter();
            if let Err(refusal) = Caller::<scope::Profile>::authenticate(&world.verifier, values).await {
                refused += 1;
                answers += &told(&refusal);
            }
        }
        if let Err(rejection) = world.verifier.verify(token).await {
            answers.extend([rejection.to_string(), format!("{rejection:?}")]);
        }
    }
    // A good one too, and one that is not allowed enough.
    let (good, narrow) = (world.issuer.token().mint(), world.issuer.token().scopes([CANARY]).mint());
    for token in [&good, &narrow] {
        let header = format!("Bearer {token}");
        let values = || [header.as_bytes()].into_iter();
        let caller = Caller::<scope::Profile>::authenticate(&world.verifier, values()).await;
        answers += &caller.map_or_else(|refusal| told(&refusal), |caller| format!("{caller:?}"));
        if let Some(Ok(caller)) = Caller::<scope::Profile>::authenticate_now(&world.verifier, values()) {
            answers += &told(&caller.require_role(Role::Admin).unwrap_err());
        }
    }

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(logged.matches("not let in").count(), refused + 2, "{logged}");
    for text in [&logged, &answers] {
        assert!(!text.contains(CANARY), "{text}");
        for token in attacks.iter().chain([&good, &narrow]) {
            let leaked = token.split('.').find(|part| part.len() >= 8 && text.contains(part));
            assert_eq!(leaked, None, "{text}");
        }
    }
}
