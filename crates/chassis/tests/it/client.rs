//! A service as a client of its issuer.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chassis::client::{IssuerClient, NoToken, OwnToken};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use testkit::{Granting, Issuer};
use tonic::{Code, Request, Response, Status};

/// A service that notes by which tokens it is called, and takes those that `takes` says.
struct Callee {
    token: OwnToken,
    seen: Mutex<Vec<String>>,
}

impl Callee {
    fn of(issuer: &Issuer) -> Arc<Self> {
        let client = IssuerClient::new(&issuer.client("billing-service")).unwrap();
        let token = OwnToken::new(client, "mail", "mail:send", issuer.ambient().clock);
        Arc::new(Self { token, seen: Mutex::default() })
    }

    async fn call(&self, takes: impl Fn(usize) -> bool) -> Result<(), Code> {
        let send = |request: Request<()>| {
            let bearer = request.metadata().get("authorization").unwrap();
            assert!(bearer.is_sensitive(), "it is not shown");
            let mut seen = self.seen.lock().unwrap();
            seen.push(bearer.to_str().unwrap().to_owned());
            let is_good = takes(seen.len());
            async move { if is_good { Ok(Response::new(())) } else { Err(Status::unauthenticated("no")) } }
        };
        self.token.call((), send).await.map(drop).map_err(|status| status.code())
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_again_before_it_ends() {
    let issuer = Issuer::start().await;
    let callee = Callee::of(&issuer);
    let calls = join_all((0..20).map(|_| callee.call(|_| true))).await;
    assert!(calls.iter().all(Result::is_ok), "{calls:?}");
    let asked = issuer.asked();
    assert_eq!(asked.len(), 1, "one asks, the others wait");
    let form: Vec<_> = asked[0].iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(form, [("audience", "mail"), ("grant_type", "client_credentials"), ("scope", "mail:send")]);

    issuer.clock().advance(Duration::from_secs(479));
    callee.call(|_| true).await.unwrap();
    assert!(issuer.asked().is_empty());
    issuer.clock().advance(Duration::from_secs(1));
    callee.call(|_| true).await.unwrap();
    assert_eq!(issuer.asked().len(), 1, "after four fifths of its life");
    let mut seen = callee.seen.lock().unwrap().clone();
    seen.dedup();
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once() {
    let issuer = Issuer::start().await;
    let callee = Callee::of(&issuer);
    callee.call(|call| call != 1).await.unwrap();
    assert_eq!(issuer.asked().len(), 2);
    callee.call(|_| true).await.unwrap();
    assert!(issuer.asked().is_empty(), "the new one is kept");
    let seen = callee.seen.lock().unwrap().clone();
    assert!(seen[0] != seen[1] && seen[1] == seen[2]);
    assert_eq!(callee.call(|_| false).await, Err(Code::Unauthenticated));
    assert_eq!(issuer.asked().len(), 1, "no more than once for each call");
}

#[tokio::test]
async fn nothing_is_sent_without_a_token_and_the_next_call_tries_again() {
    let issuer = Issuer::start().await;
    let callee = Callee::of(&issuer);
    for (granting, code) in
        [(Granting::Gone, Code::Unavailable), (Granting::Refusing("invalid_client"), Code::Internal)]
    {
        issuer.grant(granting);
        assert_eq!(callee.call(|_| true).await, Err(code), "{granting:?}");
    }
    assert!(callee.seen.lock().unwrap().is_empty());
    issuer.grant(Granting::Willing);
    callee.call(|_| true).await.unwrap();
}

#[tokio::test]
async fn a_users_token_is_exchanged_for_one_service_and_one_purpose() {
    let issuer = Issuer::start().await;
    let client = IssuerClient::new(&issuer.client("billing-service")).unwrap();
    let ada = issuer.customer();
    let granted = client.exchange(&ada.token, "mail", "profile").await.unwrap();
    assert_eq!(granted.expires_in, 60);
    assert_ne!(granted.access_token.expose_secret(), ada.token);
    let asked = issuer.asked().remove(0);
    let urn = "urn:ietf:params:oauth";
    assert_eq!(asked["grant_type"], format!("{urn}:grant-type:token-exchange"));
    assert_eq!(asked["subject_token_type"], format!("{urn}:token-type:access_token"));
    assert_eq!(
        (&*asked["subject_token"], &*asked["audience"], &*asked["scope"]),
        (&*ada.token, "mail", "profile")
    );

    let refused = async |error| {
        issuer.grant(Granting::Refusing(error));
        client.exchange(&ada.token, "mail", "profile").await.err().unwrap()
    };
    assert!(matches!(refused("invalid_request").await, NoToken::NotInForce));
    assert!(matches!(refused("invalid_target").await, NoToken::Refused(error) if error == "invalid_target"));
    let text = format!("{:?} {}", refused("invalid_scope").await, refused("invalid_scope").await);
    assert!(!text.contains(&ada.token) && text.contains("invalid_scope"), "{text}");
}
