//! [`Caller`] as an extractor of actix-web. The application carries the verifier: `.app_data(verifier.clone())`.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::Payload,
    http::{StatusCode, header},
};

use super::{Caller, Demand, Refusal};
use crate::Verifier;

impl<D: Demand> FromRequest for Caller<D> {
    type Error = Refusal;
    type Future = Authentication<D>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Authentication<D> {
        let Some(verifier) = request.app_data::<Verifier>() else {
            return Authentication(State::Known(Some(Err(Refusal::no_verifier()))));
        };
        Authentication(match Self::authenticate_now(verifier, authorization(request)) {
            Some(verdict) => State::Known(Some(verdict)),
            None => State::Awaited(Box::pin(wait(verifier.clone(), request.clone()))),
        })
    }
}

/// Finds out who calls. Ready at once, and without an allocation, unless the token's key has yet to be fetched.
pub struct Authentication<D>(State<D>);

type Verdict<D> = Result<Caller<D>, Refusal>;

enum State<D> {
    /// `None` once it was taken.
    Known(Option<Verdict<D>>),
    Awaited(Pin<Box<dyn Future<Output = Verdict<D>>>>),
}

impl<D> Future for Authentication<D> {
    type Output = Verdict<D>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Verdict<D>> {
        match &mut self.0 {
            State::Known(verdict) => verdict.take().map_or(Poll::Pending, Poll::Ready),
            State::Awaited(verdict) => verdict.as_mut().poll(context),
        }
    }
}

async fn wait<D: Demand>(verifier: Verifier, request: HttpRequest) -> Verdict<D> {
    Caller::authenticate(&verifier, authorization(&request)).await
}

fn authorization(request: &HttpRequest) -> impl Iterator<Item = &[u8]> {
    request.headers().get_all(&header::AUTHORIZATION).map(header::HeaderValue::as_bytes)
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in self.headers() {
            response.insert_header((name, value.as_ref()));
        }
        response.body(self.body())
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::{sync::Arc, task::Waker};

    use actix_web::test::TestRequest;

    use super::*;
    use crate::{
        access::AnyScope,
        testing::{Issuer, Script, TokioClock},
    };

    /// What a request with `token` starts.
    fn begin(verifier: &Verifier, token: &str) -> Authentication<AnyScope> {
        let request = TestRequest::default().app_data(verifier.clone());
        let request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        Caller::from_request(&request.to_http_request(), &mut Payload::None)
    }

    #[tokio::test]
    async fn only_an_unknown_key_is_waited_for() {
        let clock = Arc::new(TokioClock::default());
        let issuer = Issuer::new("https://auth.example", clock.clone());
        let builder = Verifier::builder(issuer.trust("users")).clock(clock);
        let verifier = builder.script(Script::new(issuer.answer())).build().unwrap();
        let refresh = verifier.clone();
        tokio::spawn(async move { refresh.run().await });
        verifier.until_usable().await;

        let mut good = begin(&verifier, &issuer.token().mint());
        assert!(matches!(good.0, State::Known(_)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(Pin::new(&mut good).poll(&mut context), Poll::Ready(Ok(_))));

        let refused = begin(&verifier, "garbage");
        assert!(matches!(refused.0, State::Known(_)));

        let unknown = begin(&verifier, &issuer.token().header("kid", "nobody".into()).mint());
        assert!(matches!(unknown.0, State::Awaited(_)));
        assert_eq!(unknown.await.unwrap_err().reason(), Some(crate::Reason::UnknownKey));
    }

    #[tokio::test]
    async fn a_route_without_a_verifier_is_closed() {
        let request = TestRequest::default().to_http_request();
        let refusal = Caller::<AnyScope>::extract(&request).await.unwrap_err();
        assert_eq!((refusal.error_response().status().as_u16(), refusal.code()), (500, "internal"));
    }
}
