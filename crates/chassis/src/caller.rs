//! Who calls, in a handler's signature: `caller: Caller<scope::Profile>` lets nobody in without that scope.
//!
//! What a token must allow and what is answered to whoever is not let in is decided in [`verifier::access`]; here it
//! becomes a [`Problem`], with a trace id and a line in the log.

use std::ops::Deref;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::{FutureExt, future::Map};
use verifier::access::{self, Authentication, Refusal};
pub use verifier::access::{AnyScope, Demand, Within};

use crate::problem::{Answer, Problem, codes};

/// A caller whose access token was verified and allows what `D` demands. Dereferences to what the verifier knows of it,
/// and that to the token's claims.
#[derive(Debug, Clone)]
pub struct Caller<D = AnyScope>(pub(crate) access::Caller<D>);

type Verdict<D> = Result<access::Caller<D>, Refusal>;

impl<D> Caller<D> {
    fn answer(verdict: Verdict<D>) -> Answer<Self> {
        Ok(Self(verdict?))
    }
}

impl<D> Deref for Caller<D> {
    type Target = access::Caller<D>;

    fn deref(&self) -> &access::Caller<D> {
        &self.0
    }
}

impl<D: Demand> FromRequest for Caller<D> {
    type Error = Problem;
    type Future = Map<Authentication<D>, fn(Verdict<D>) -> Answer<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        access::Caller::from_request(request, payload).map(Self::answer)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = codes::ALL.iter().find(|code| code.name == refusal.code());
        let mut problem = Self::new(code.unwrap_or(&codes::INTERNAL));
        if let Some(detail) = refusal.detail() {
            problem = problem.detail(detail);
        }
        if let Some(challenge) = refusal.challenge() {
            problem = problem.challenge(challenge);
        }
        if let Some(after) = refusal.retry_after() {
            problem = problem.retry_after(after);
        }
        problem.cause(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::{ResponseError, body::to_bytes, test::TestRequest};
    use serde_json::Value;
    use verifier::{
        Verifier,
        access::role,
        testing::{self, Issuer, Script, TestClock},
    };

    use super::*;

    fn verifier(issuer: &Issuer, clock: &Arc<TestClock>, answer: testing::Answer) -> Verifier {
        let builder = Verifier::builder(issuer.trust("users")).clock(clock.clone());
        let metadata = "https://api.example/.well-known/oauth-protected-resource".parse().unwrap();
        let verifier = builder.script(Script::new(answer)).resource_metadata(metadata).build().unwrap();
        let refresh = verifier.clone();
        tokio::spawn(async move { refresh.run().await });
        verifier
    }

    /// Status, challenge, whether there is a time to come back, and the body without its trace id.
    async fn told(error: &impl ResponseError) -> (u16, Option<String>, bool, Value) {
        let response = error.error_response();
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, challenge, wait) =
            (response.status().as_u16(), header("www-authenticate"), header("retry-after").is_some());
        let body = to_bytes(response.into_body()).await.ok().unwrap();
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        body.as_object_mut().unwrap().remove("trace_id");
        (status, challenge, wait, body)
    }

    #[actix_web::test]
    async fn problems_say_what_the_verifier_says() {
        let clock = Arc::new(TestClock::default());
        let issuer = Issuer::new("https://auth.example", clock.clone());
        let cold = verifier(&issuer, &clock, testing::Answer::Status(500));
        let warm = verifier(&issuer, &clock, issuer.answer());
        warm.until_usable().await;
        let good = format!("Bearer {}", issuer.token().mint());
        let admin = format!("Bearer {}", issuer.token().roles([access::Role::Admin]).mint());
        let cases = [
            (Some(&cold), Some(good.as_str()), 503),
            (Some(&warm), Some("Bearer garbage"), 401),
            (Some(&warm), None, 401),
            (Some(&warm), Some(good.as_str()), 403),
            (None, Some(good.as_str()), 500),
        ];
        for (verifier, value, status) in cases {
            let request = TestRequest::default();
            let request =
                verifier.into_iter().fold(request, |request, verifier| request.app_data(verifier.clone()));
            let request = value
                .into_iter()
                .fold(request, |request, value| request.insert_header(("authorization", value)));
            let request = request.to_http_request();
            let refusal = access::Caller::<role::Admin>::extract(&request).await.unwrap_err();
            let problem = Caller::<role::Admin>::extract(&request).await.unwrap_err();
            assert_eq!(refusal.status(), status);
            assert_eq!(told(&problem).await, told(&refusal).await);
        }
        let request = TestRequest::default().app_data(warm).insert_header(("authorization", admin));
        let caller = Caller::<role::Admin>::extract(&request.to_http_request()).await.unwrap();
        assert!(caller.has_role(access::Role::Admin) && caller.scope.contains("admin"));
    }
}
