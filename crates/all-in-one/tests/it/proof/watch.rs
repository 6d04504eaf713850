//! How long after a revocation every replica refuses.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{
    door::Door,
    fleet::Fleet,
    kinds::{Case, Kind},
};

/// Between two questions at one replica. Measured times are too long by up to that, and by the question.
const PAUSE: Duration = Duration::from_millis(4);
/// After which nobody waits for a refusal any more.
const PATIENCE: Duration = Duration::from_secs(20);

/// Revokes something of this kind; the time from the answer that says so to the first refusal at the last replica.
/// Every one of them is asked all the time and has accepted the token before.
pub(crate) async fn revoke(fleet: &Fleet, kind: &Kind) -> Duration {
    let case = (kind.prepare)(fleet).await;
    accepted(&case.doors, &case.token).await;
    refused(case).await
}

/// The same with what is prepared and accepted everywhere.
pub(crate) async fn refused(case: Case) -> Duration {
    refused_while(case, async |_| ()).await.0
}

/// The same, and what comes of `then`, which begins at the moment of the answer.
pub(crate) async fn refused_while<T>(case: Case, then: impl AsyncFnOnce(Instant) -> T) -> (Duration, T) {
    let Case { token, doors, revoking, status } = case;
    let asking = join_all(doors.iter().map(|door| first_refusal(door, &token)));
    let answering = async {
        revoking.await.expect(status);
        let answered = Instant::now();
        (answered, then(answered).await)
    };
    let (refusals, (answered, outcome)) = tokio::join!(asking, answering);
    let last = refusals.into_iter().max().unwrap();
    // Refused once is refused for ever.
    for door in &doors {
        assert_eq!(door.ask(&token).await, 401, "{} takes a revoked token again", door.name);
    }
    (last.saturating_duration_since(answered), outcome)
}

/// Every door lets this token in.
pub(crate) async fn accepted(doors: &[Door], token: &str) {
    for (door, status) in doors.iter().zip(join_all(doors.iter().map(|door| door.ask(token))).await) {
        assert_eq!(status, door.lets_in, "{}", door.name);
    }
}

/// Returns once every door lets this token in, which may be of a key that is new to them.
pub(crate) async fn learnt(doors: &[Door], token: &str) {
    for door in doors {
        let began = Instant::now();
        while door.ask(token).await != door.lets_in {
            assert!(began.elapsed() < PATIENCE, "{} does not take the new key", door.name);
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// When a replica first refuses the token.
pub(crate) async fn first_refusal(door: &Door, token: &str) -> Instant {
    let began = Instant::now();
    loop {
        let status = door.ask(token).await;
        if status == 401 {
            return Instant::now();
        }
        assert_eq!(status, door.lets_in, "{}", door.name);
        assert!(began.elapsed() < PATIENCE, "{} still lets it in", door.name);
        sleep(PAUSE).await;
    }
}
