//! The same request, sent twice, happens once: `Idempotency-Key` as Stripe means it.
//!
//! [`Idempotency::once`] is all that a handler sees. The first request under a key reserves it, does its work and
//! records its answer, in the transaction that does the work wherever there is one. From then on the same request
//! gets the same status and the same bytes, a different one under the same key 422, and one that comes while the
//! first is still being answered 409.
//!
//! A reservation is a lease. When the process that holds it dies, the next repetition takes over under the same
//! [`Reservation::id`], so that whatever the first one began can be recognised; the holder who was taken for dead
//! can record nothing any more. Answers of 503 are no answers: they ask to try again, so they are not kept.
//! A request that is refused before its work begins, such as for a value, leaves no trace either.
//!
//! Where next: `claim` for the rules, `store` for the table.

mod claim;
mod fingerprint;
mod key;
mod recorded;
mod store;
#[cfg(test)]
mod tests;

use std::time::Duration;

use actix_web::HttpResponse;
use chassis::{
    Ambient,
    database::{self, Database, Transaction},
    problem::{Answer, Problem},
};
use identity::{UserId, uuid_v7};
use jiff::Timestamp;
use uuid::Uuid;

use crate::problems;
use claim::{Decision, KEPT, LEASE, decide};

pub(crate) use fingerprint::Fingerprint;
pub use fingerprint::FingerprintKey;
pub(crate) use key::IdempotencyKey;
pub(crate) use recorded::Recorded;

/// Whose request it is, to do what, under which key, with which content.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) caller: UserId,
    pub(crate) operation: &'static str,
    pub(crate) key: IdempotencyKey,
    pub(crate) fingerprint: Fingerprint,
}

/// The right to answer a request.
#[derive(Debug)]
pub(crate) struct Reservation {
    /// The request's own name, the same for everybody who tries to answer it.
    pub(crate) id: Uuid,
    attempt: u32,
}

/// Answers requests once.
#[derive(Clone)]
pub(crate) struct Idempotency {
    database: Database,
    ambient: Ambient,
    fingerprints: FingerprintKey,
}

impl Idempotency {
    pub(crate) fn new(database: Database, ambient: Ambient, fingerprints: FingerprintKey) -> Self {
        Self { database, ambient, fingerprints }
    }

    /// What tells this content from any other.
    pub(crate) fn fingerprint(&self, content: &[&[u8]]) -> Fingerprint {
        self.fingerprints.fingerprint(content)
    }

    /// Does `work` unless it was done before. `work` records its answer by [`Reservation::complete`] in the
    /// transaction that does it; the problem it returns instead is recorded here.
    pub(crate) async fn once(
        &self,
        asked: &Asked,
        work: impl AsyncFnOnce(&Reservation) -> Answer<Recorded>,
    ) -> Answer<HttpResponse> {
        let reservation = match self.reserve(asked).await? {
            Ok(reservation) => reservation,
            Err(recorded) => return Ok(recorded.replay()),
        };
        match work(&reservation).await {
            Ok(recorded) => Ok(recorded.response()),
            Err(problem) if problem.code().status == 503 => {
                self.let_go(&reservation).await;
                Err(problem)
            }
            Err(problem) => {
                let recorded = Recorded::problem(&problem);
                let mut transaction = self.database.begin().await?;
                reservation.complete(&mut transaction, &recorded).await?;
                transaction.commit().await?;
                Ok(recorded.response())
            }
        }
    }

    /// Forgets what is older than a day.
    pub(crate) async fn sweep(&self) -> database::Result<u64> {
        let now = self.now();
        let mut transaction = self.database.begin().await?;
        let swept = store::sweep(&mut transaction, now - KEPT, now).await?;
        transaction.commit().await?;
        Ok(swept)
    }

    /// The right to answer, or the answer that was given before.
    async fn reserve(&self, asked: &Asked) -> Answer<Result<Reservation, Recorded>> {
        let now = self.now();
        let leased_until = now + LEASE;
        let id = uuid_v7(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref());
        let mut transaction = self.database.begin().await?;
        let reservation = if store::insert(&mut transaction, asked, id, leased_until, now).await? {
            Reservation { id, attempt: 1 }
        } else {
            // Swept between the two statements: as good as in flight, the caller comes again.
            let found = store::lock(&mut transaction, asked).await?;
            let record = found.ok_or_else(|| Problem::new(&problems::IDEMPOTENCY_IN_FLIGHT))?;
            let next = Reservation { id: record.id, attempt: record.attempt + 1 };
            match decide(record, &asked.fingerprint, now) {
                Decision::Forget => {
                    store::renew(&mut transaction, asked, id, leased_until, now).await?;
                    Reservation { id, attempt: 1 }
                }
                Decision::TakeOver => {
                    store::take_over(&mut transaction, &next, leased_until).await?;
                    next
                }
                Decision::Replay(recorded) => return Ok(Err(recorded)),
                Decision::InFlight => {
                    let problem = Problem::new(&problems::IDEMPOTENCY_IN_FLIGHT);
                    return Err(problem.retry_after(Duration::from_secs(1)));
                }
                Decision::Reused => return Err(Problem::new(&problems::IDEMPOTENCY_KEY_REUSED)),
            }
        };
        transaction.commit().await?;
        Ok(Ok(reservation))
    }

    /// Lets the next repetition begin at once. Should this fail, it begins when the lease is over.
    async fn let_go(&self, reservation: &Reservation) {
        let now = self.now();
        let let_go = async {
            let mut transaction = self.database.begin().await?;
            store::let_go(&mut transaction, reservation, now).await?;
            transaction.commit().await
        };
        if let Err(error) = let_go.await {
            tracing::info!(%error, "the reservation ends by itself");
        }
    }

    fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }
}

impl Reservation {
    /// Records the answer as part of `transaction`.
    ///
    /// # Errors
    /// 409 `idempotency_in_flight` when somebody else has taken over: what `transaction` did must not happen.
    pub(crate) async fn complete(&self, transaction: &mut Transaction, recorded: &Recorded) -> Answer<()> {
        if store::complete(transaction, self, recorded).await? {
            return Ok(());
        }
        Err(Problem::new(&problems::IDEMPOTENCY_IN_FLIGHT).retry_after(Duration::from_secs(1)))
    }
}
