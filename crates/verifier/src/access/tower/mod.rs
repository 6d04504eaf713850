//! A layer for whatever is a `tower` service: a whole axum router, a gRPC server of tonic, anything over hyper.
//!
//! Each request is verified before the service sees it, and the service finds the [`Caller`] among the request's
//! extensions. Refusals are answered here, to gRPC in its own way (`grpc`). Put the layer *inside* of what answers
//! requests without credentials, such as CORS preflights. Where next: `serving`, which is where a request waits.

mod body;
mod grpc;
mod serving;

use std::{
    fmt,
    marker::PhantomData,
    mem,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{AnyScope, Caller, Demand, Refusal, http::authorization};
use crate::Verifier;
pub use body::AnswerBody;
pub use serving::Serving;

/// Lets only callers with what `D` demands through to the services it is put around.
pub struct CallerLayer<D = AnyScope> {
    verifier: Verifier,
    demand: PhantomData<fn() -> D>,
}

impl<D: Demand> CallerLayer<D> {
    /// A layer that asks `verifier`.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, demand: PhantomData }
    }
}

impl<I, D> Layer<I> for CallerLayer<D> {
    type Service = CallerService<I, D>;

    fn layer(&self, inner: I) -> CallerService<I, D> {
        CallerService { inner, verifier: self.verifier.clone(), demand: PhantomData }
    }
}

/// A service that only callers with what `D` demands get through to. Made by [`CallerLayer`].
pub struct CallerService<I, D = AnyScope> {
    inner: I,
    verifier: Verifier,
    demand: PhantomData<fn() -> D>,
}

impl<I, D, In, Out> Service<Request<In>> for CallerService<I, D>
where
    I: Service<Request<In>, Response = Response<Out>> + Clone + Send + 'static,
    I::Future: Send,
    D: Demand,
    In: Send + 'static,
    Out: 'static,
{
    type Response = Response<AnswerBody<Out>>;
    type Error = I::Error;
    type Future = Serving<I::Future, Out, I::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<In>) -> Self::Future {
        match Caller::<D>::authenticate_now(&self.verifier, authorization(request.headers())) {
            Some(Ok(caller)) => Serving::inner(self.inner.call(with(request, caller))),
            Some(Err(refusal)) => Serving::refused(answer(&refusal, &request)),
            None => {
                // The one that was polled ready is the one to be called.
                let next = self.inner.clone();
                Serving::awaited(wait::<D, _, _, _>(
                    mem::replace(&mut self.inner, next),
                    self.verifier.clone(),
                    request,
                ))
            }
        }
    }
}

async fn wait<D, I, In, Out>(
    mut inner: I,
    verifier: Verifier,
    request: Request<In>,
) -> Result<Response<AnswerBody<Out>>, I::Error>
where
    I: Service<Request<In>, Response = Response<Out>>,
    D: Demand,
{
    // A body may not be shared between threads, so it is put aside while others look at the headers.
    let (parts, body) = request.into_parts();
    let verdict = Caller::<D>::authenticate(&verifier, authorization(&parts.headers)).await;
    let request = Request::from_parts(parts, body);
    match verdict {
        Ok(caller) => inner.call(with(request, caller)).await.map(|response| response.map(AnswerBody::inner)),
        Err(refusal) => Ok(answer(&refusal, &request)),
    }
}

fn with<In, D: Demand>(mut request: Request<In>, caller: Caller<D>) -> Request<In> {
    request.extensions_mut().insert(caller);
    request
}

fn answer<In, Out>(refusal: &Refusal, request: &Request<In>) -> Response<AnswerBody<Out>> {
    if grpc::is_call(request.headers()) {
        return grpc::response(refusal).map(|()| AnswerBody::text(String::new()));
    }
    super::http::response(refusal).map(AnswerBody::text)
}

impl<D> Clone for CallerLayer<D> {
    fn clone(&self) -> Self {
        Self { verifier: self.verifier.clone(), demand: PhantomData }
    }
}

impl<I: Clone, D> Clone for CallerService<I, D> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), verifier: self.verifier.clone(), demand: PhantomData }
    }
}

impl<D> fmt::Debug for CallerLayer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerLayer").field("verifier", &self.verifier).finish()
    }
}

impl<I, D> fmt::Debug for CallerService<I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerService").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}
