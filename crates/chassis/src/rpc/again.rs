//! A second try, for calls that may be made twice.

use std::{error::Error, time::Duration};

use identity::Entropy;
use tonic::{Code, Response, Status};

/// The shortest pause before the second try: a replica that ends has then told everybody.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes an idempotent call, and makes it once more when the server was not available or the connection was lost,
/// as happens when a replica ends. Both tries together take `limit` at most; a short random pause between them keeps
/// those who lost the same replica from coming back in step.
///
/// # Errors
/// That of the last try, or `DEADLINE_EXCEEDED`.
pub async fn again<T>(
    limit: Duration,
    entropy: &dyn Entropy,
    call: impl AsyncFn() -> Result<Response<T>, Status>,
) -> Result<Response<T>, Status> {
    let tries = async {
        match call().await {
            Err(status) if is_worth_another_try(&status) => {
                tracing::debug!(%status, "calling again");
                tokio::time::sleep(pause(entropy)).await;
                call().await
            }
            answer => answer,
        }
    };
    let answer = tokio::time::timeout(limit, tries).await;
    answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))
}

/// A status with a source was made on this side, because the connection failed; one without was sent.
fn is_worth_another_try(status: &Status) -> bool {
    status.code() == Code::Unavailable || status.source().is_some()
}

fn pause(entropy: &dyn Entropy) -> Duration {
    let mut random = [0];
    entropy.fill(&mut random);
    PAUSE + Duration::from_millis(random[0].into()) / 2
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use identity::SystemEntropy;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(3);

    /// How often it is called when its calls end like this, and with what result.
    async fn calls(answers: [Result<(), Code>; 2]) -> (u32, Result<(), Code>) {
        let count = AtomicU32::new(0);
        let answered = again(LIMIT, &SystemEntropy, async || {
            let turn = count.fetch_add(1, Ordering::Relaxed) as usize;
            answers[turn].map(Response::new).map_err(|code| Status::new(code, "as told"))
        });
        let answered = answered.await.map(Response::into_inner).map_err(|status| status.code());
        (count.into_inner(), answered)
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_may_pass_is_tried_again_and_once() {
        assert_eq!(calls([Ok(()), Ok(())]).await, (1, Ok(())));
        assert_eq!(calls([Err(Code::Unavailable), Ok(())]).await, (2, Ok(())));
        let twice = [Err(Code::Unavailable), Err(Code::Unavailable)];
        assert_eq!(calls(twice).await, (2, Err(Code::Unavailable)));
        for code in [Code::InvalidArgument, Code::AlreadyExists, Code::Internal, Code::Unauthenticated] {
            assert_eq!(calls([Err(code), Ok(())]).await, (1, Err(code)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_connection_is_tried_again() {
        let count = AtomicU32::new(0);
        let answered = again(LIMIT, &SystemEntropy, async || {
            if count.fetch_add(1, Ordering::Relaxed) == 0 {
                return Err(Status::from_error(
                    std::io::Error::from(std::io::ErrorKind::ConnectionReset).into(),
                ));
            }
            Ok(Response::new(()))
        });
        assert!(answered.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn both_tries_share_one_limit() {
        let began = tokio::time::Instant::now();
        let count = AtomicU32::new(0);
        let answered = again::<()>(LIMIT, &SystemEntropy, async || {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(LIMIT * 2 / 3).await;
            Err(Status::unavailable("late"))
        });
        assert_eq!(answered.await.unwrap_err().code(), Code::DeadlineExceeded);
        assert_eq!((began.elapsed(), count.into_inner()), (LIMIT, 2));
    }
}
