//! A request on its way: refused already, with the service, or waiting for a key. Only the last needs an allocation.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::Response;
use pin_project_lite::pin_project;

use super::AnswerBody;

type Answer<B, E> = Result<Response<AnswerBody<B>>, E>;

pin_project! {
    /// Answers a request, with the service's answer or a refusal.
    #[must_use = "futures do nothing unless polled"]
    pub struct Serving<F, B, E> {
        #[pin]
        state: State<F, B, E>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F, B, E> {
        /// `None` once it was taken.
        Refused { response: Option<Response<AnswerBody<B>>> },
        Inner { #[pin] future: F },
        Awaited { future: Pin<Box<dyn Future<Output = Answer<B, E>> + Send>> },
    }
}

impl<F, B, E> Serving<F, B, E> {
    pub(super) fn refused(response: Response<AnswerBody<B>>) -> Self {
        Self { state: State::Refused { response: Some(response) } }
    }

    pub(super) fn inner(future: F) -> Self {
        Self { state: State::Inner { future } }
    }

    pub(super) fn awaited(future: impl Future<Output = Answer<B, E>> + Send + 'static) -> Self {
        Self { state: State::Awaited { future: Box::pin(future) } }
    }
}

impl<F, B, E> Future for Serving<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Answer<B, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Refused { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
            Projected::Inner { future } => {
                future.poll(context).map_ok(|response| response.map(AnswerBody::inner))
            }
            Projected::Awaited { future } => future.as_mut().poll(context),
        }
    }
}
