//! Ending what was granted before its time, everywhere: a line in the log, and a call that wakes those who read it.
//! Where next: `store::revocations`, the log; `tail`, its end in memory; `feed`, what others see of it; `hearing`, what
//! this service itself does.

mod feed;
mod hearing;
mod tail;

use std::time::Duration;

use chassis::{
    database::{self, Transaction},
    problem::Answer,
};
use identity::SessionId;
use jiff::Timestamp;
use verifier::{Revocation, Revoked};

pub(crate) use feed::Feed;
pub(crate) use hearing::Hearing;
pub(crate) use tail::{POLL, Tail};

use crate::{
    app::App,
    domain::lifetime::{earlier, later},
    store::revocations,
};

/// The longest an access token may be configured to live, so that no change of that setting outlives a revocation.
const LONGEST_TOKEN: Duration = Duration::from_hours(1);
/// Longer than any verifier goes on with keys that it cannot confirm: whoever holds a revoked one would wait for that.
const LONGEST_KEY: Duration = Duration::from_hours(8 * 24);
/// Longer than a refresh token may still be repeated after it was used.
const REPETITION: Duration = Duration::from_mins(2);

impl App {
    /// Commits, and has every verifier refuse `what` from then on.
    pub(crate) async fn commit_revoking(&self, transaction: Transaction, what: Vec<Revoked>) -> Answer<()> {
        Ok(self.commit_and_revoke(transaction, what).await?)
    }

    /// The same for whoever answers no request.
    pub(crate) async fn commit_and_revoke(
        &self,
        mut transaction: Transaction,
        what: Vec<Revoked>,
    ) -> database::Result<()> {
        append(&mut transaction, what, self.now()).await?;
        transaction.commit().await?;
        self.wake.wake();
        Ok(())
    }

    /// Since when a session must have been renewed to have an access token that has not expired.
    pub(crate) fn last_renewals(&self) -> Timestamp {
        earlier(self.now(), LONGEST_TOKEN + REPETITION)
    }
}

/// Writes what is revoked into the log. Comes last in a transaction, after every other lock; when it has committed,
/// [wake](crate::wake::Wake::wake).
pub(crate) async fn append(on: &mut Transaction, what: Vec<Revoked>, now: Timestamp) -> database::Result<()> {
    let lines = what.into_iter().map(|what| Revocation { forget_at: forget_at(&what, now), what });
    revocations::append(on, lines, now).await
}

/// What ends these sessions' tokens.
pub(crate) fn of_sessions(sessions: impl IntoIterator<Item = SessionId>) -> Vec<Revoked> {
    sessions.into_iter().map(Revoked::Session).collect()
}

/// When every token that `what` concerns has expired, in seconds since 1970.
fn forget_at(what: &Revoked, now: Timestamp) -> i64 {
    let life = if matches!(what, Revoked::Key(_)) { LONGEST_KEY } else { LONGEST_TOKEN };
    // To the next second, since what is stored has no parts of one.
    later(now, life).as_second() + 1
}
