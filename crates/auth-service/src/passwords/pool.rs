//! Runs password hashing beside the event loop: as many at once as there are cores, a bounded queue behind
//! them, and an honest "come back later" beyond it. Refreshing and the key set never wait here.

use std::{fmt, sync::Arc, time::Duration};

use identity::Entropy;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::phc::{self, HashError, Parameters};

/// Nobody waits longer than this for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// As `nice` counts: 0 is ordinary, 19 the least.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// How many hashes may run, and how many more may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolSize {
    pub(crate) running: usize,
    pub(crate) waiting: usize,
}

/// How many hashes run and wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) running: usize,
    pub(crate) waiting: usize,
    pub(crate) most: PoolSize,
}

/// The pool did not do the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overloaded {
    /// The queue is full, or a turn did not come in time.
    #[error("too many passwords are being hashed")]
    Full,
    /// Memory ran out, most likely.
    #[error("hashing failed")]
    Failed,
}

/// What checking a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not the password, or there is no such user.
    Wrong,
    /// The password.
    Right,
    /// The password, but hashed with outdated parameters: hash it anew.
    RightButOutdated,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct PasswordHasher {
    parameters: Parameters,
    entropy: Arc<dyn Entropy>,
    size: PoolSize,
    /// One permit for everybody who runs or waits.
    admission: Arc<Semaphore>,
    /// One permit for everybody who runs.
    turns: Arc<Semaphore>,
    /// Checked when there is no user, so that their absence takes as long as a wrong password.
    decoy: Arc<str>,
}

impl PasswordHasher {
    /// Makes the decoy, which costs one hash.
    pub(crate) fn new(
        parameters: Parameters,
        size: PoolSize,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, HashError> {
        let mut unguessable = [0; 16];
        entropy.fill(&mut unguessable);
        let unguessable = format!("{:032x}", u128::from_be_bytes(unguessable));
        Ok(Self {
            parameters,
            decoy: phc::hash(&unguessable, parameters, entropy.as_ref())?.into(),
            entropy,
            size,
            admission: Arc::new(Semaphore::new(size.running + size.waiting)),
            turns: Arc::new(Semaphore::new(size.running)),
        })
    }

    /// How busy it is.
    pub(crate) fn load(&self) -> Load {
        let most = self.size;
        let running = most.running.saturating_sub(self.turns.available_permits());
        let admitted = (most.running + most.waiting).saturating_sub(self.admission.available_permits());
        Load { running, waiting: admitted.saturating_sub(running), most }
    }

    /// The PHC string of `password`.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Overloaded> {
        let (parameters, entropy) = (self.parameters, Arc::clone(&self.entropy));
        self.run(move || phc::hash(password.expose_secret(), parameters, entropy.as_ref())).await
    }

    /// Checks `password` against `stored`, or against the decoy when there is nothing stored. Both take the same time.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<Verdict, Overloaded> {
        let (parameters, decoy) = (self.parameters, Arc::clone(&self.decoy));
        self.run(move || {
            let Some(stored) = stored else {
                return phc::verify(password.expose_secret(), &decoy).map(|_| Verdict::Wrong);
            };
            match phc::verify(password.expose_secret(), &stored) {
                Ok(true) if phc::is_outdated(&stored, parameters) => Ok(Verdict::RightButOutdated),
                Ok(true) => Ok(Verdict::Right),
                Ok(false) => Ok(Verdict::Wrong),
                Err(error) => {
                    // No password fits it, and whoever tries learns no more than that.
                    tracing::error!(%error, "an account cannot be signed in to");
                    phc::verify(password.expose_secret(), &decoy).map(|_| Verdict::Wrong)
                }
            }
        })
        .await
    }

    /// Takes a turn for `work` that is costly in the way of hashing.
    pub(crate) async fn run<T: Send + 'static, E: fmt::Display + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, Overloaded> {
        let admitted = Arc::clone(&self.admission).try_acquire_owned().map_err(|_| Overloaded::Full)?;
        let turn = timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Overloaded::Full)?.map_err(|_| Overloaded::Failed)?;
        let done = spawn_blocking(move || {
            // Both go with the work, not with the request: a caller who hangs up frees no core.
            let (_admitted, _turn) = (admitted, turn);
            give_way();
            work()
        });
        done.await.map_err(|_| Overloaded::Failed)?.map_err(|error| {
            tracing::error!(%error, "a password hash could not be made or checked");
            Overloaded::Failed
        })
    }
}

/// Whoever hashes uses the time that nobody else needs: a tenth of it if all processors are wanted. Linux knows the
/// priority of each thread; these keep it, since all that is done on such threads can wait.
fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use identity::SystemEntropy;

    use super::*;

    const CHEAP: Parameters = Parameters { memory: 64, passes: 1 };

    fn hasher(parameters: Parameters, running: usize, waiting: usize) -> PasswordHasher {
        PasswordHasher::new(parameters, PoolSize { running, waiting }, Arc::new(SystemEntropy)).unwrap()
    }

    #[tokio::test]
    async fn verdicts() {
        let hasher = hasher(CHEAP, 1, 8);
        let stored = hasher.hash("secret".into()).await.unwrap();
        assert_eq!(hasher.verify("secret".into(), Some(stored.clone())).await, Ok(Verdict::Right));
        assert_eq!(hasher.verify("other".into(), Some(stored.clone())).await, Ok(Verdict::Wrong));
        assert_eq!(hasher.verify("secret".into(), None).await, Ok(Verdict::Wrong));
        let stronger = PasswordHasher { parameters: Parameters { memory: 128, passes: 1 }, ..hasher };
        assert_eq!(
            stronger.verify("secret".into(), Some(stored.clone())).await,
            Ok(Verdict::RightButOutdated)
        );
        assert_eq!(stronger.verify("other".into(), Some(stored)).await, Ok(Verdict::Wrong));
        assert_eq!(stronger.verify("x".into(), Some("absurd".into())).await, Ok(Verdict::Wrong));
    }

    /// Holds the only turn and the only place in the queue, and looks what becomes of the next one.
    #[tokio::test]
    async fn beyond_the_queue_nobody_waits_and_a_caller_who_left_still_counts() {
        let hasher = hasher(CHEAP, 1, 1);
        let (release, held) = mpsc::channel::<()>();
        let (started, running) = tokio::sync::oneshot::channel();
        let work = hasher.clone();
        let first = tokio::spawn(async move {
            work.run(move || {
                started.send(()).unwrap();
                held.recv().map_err(|_| "released by dropping")
            })
            .await
        });
        running.await.unwrap();
        first.abort();
        let _ = first.await;
        let second = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.hash("secret".into()).await }
        });
        while hasher.admission.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.hash("secret".into()).await, Err(Overloaded::Full));
        assert_eq!((hasher.load().running, hasher.load().waiting), (1, 1));
        release.send(()).unwrap();
        second.await.unwrap().unwrap();
    }
}
