//! Runs password hashing beside the event loop: so many at once, a bounded queue behind them, and an honest "come back
//! later" beyond it. Refreshing and the key set never wait here.
//!
//! A hash is first tried with the time that nobody else needs. That disturbs nobody, but where others need all of it,
//! as a compiler does, it may take forever, and Linux lets no thread back out of that without privileges. So whoever
//! is not done in time is hashed a second time, with a share of its own, and the first answer counts.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use identity::Entropy;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinError, JoinHandle},
    time::timeout,
};

use super::{
    lane::Lane,
    phc::{self, HashError, Memory, Parameters},
};

/// Nobody waits longer than this for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long a hash may take in idle time: many times as long as it does on a processor of its own.
const PATIENCE: Duration = Duration::from_millis(300);

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
    /// How many there have been that took too long in idle time.
    pub(crate) done_again: u64,
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
    patience: Duration,
    /// One permit for everybody who runs or waits.
    admission: Arc<Semaphore>,
    /// One permit for everybody who runs.
    turns: Arc<Semaphore>,
    /// One permit for each idle thread that has nothing to do.
    leisure: Arc<Semaphore>,
    idle: Arc<Lane>,
    nice: Arc<Lane>,
    done_again: Arc<AtomicU64>,
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
            decoy: phc::hash(&unguessable, parameters, entropy.as_ref(), &mut Memory::default())?.into(),
            entropy,
            size,
            patience: PATIENCE,
            admission: Arc::new(Semaphore::new(size.running + size.waiting)),
            turns: Arc::new(Semaphore::new(size.running)),
            leisure: Arc::new(Semaphore::new(size.running)),
            idle: Arc::new(Lane::idle(size.running).map_err(|_| HashError::NoThreads)?),
            nice: Arc::new(Lane::nice(size.running).map_err(|_| HashError::NoThreads)?),
            done_again: Arc::default(),
        })
    }

    /// How busy it is.
    pub(crate) fn load(&self) -> Load {
        let most = self.size;
        let running = most.running.saturating_sub(self.turns.available_permits());
        let admitted = (most.running + most.waiting).saturating_sub(self.admission.available_permits());
        let done_again = self.done_again.load(Ordering::Relaxed);
        Load { running, waiting: admitted.saturating_sub(running), most, done_again }
    }

    /// The PHC string of `password`.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Overloaded> {
        let (parameters, entropy) = (self.parameters, Arc::clone(&self.entropy));
        self.run(move |memory| phc::hash(password.expose_secret(), parameters, entropy.as_ref(), memory))
            .await
    }

    /// Checks `password` against `stored`, or against the decoy when there is nothing stored. Both take the same time.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<Verdict, Overloaded> {
        let (parameters, decoy) = (self.parameters, Arc::clone(&self.decoy));
        self.run(move |memory| {
            let password = password.expose_secret();
            let Some(stored) = &stored else {
                return phc::verify(password, &decoy, memory).map(|_| Verdict::Wrong);
            };
            match phc::verify(password, stored, memory) {
                Ok(true) if phc::is_outdated(stored, parameters) => Ok(Verdict::RightButOutdated),
                Ok(true) => Ok(Verdict::Right),
                Ok(false) => Ok(Verdict::Wrong),
                Err(error) => {
                    // No password fits it, and whoever tries learns no more than that.
                    tracing::error!(%error, "an account cannot be signed in to");
                    phc::verify(password, &decoy, memory).map(|_| Verdict::Wrong)
                }
            }
        })
        .await
    }

    /// Does what costs about as much as hashing, perhaps twice.
    pub(crate) async fn do_as_costly<T: Send + 'static>(
        &self,
        work: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<T, Overloaded> {
        self.run(move |_| Ok(work())).await
    }

    /// Takes a turn for `work`, which may be done twice.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Memory) -> Result<T, HashError> + Send + Sync + 'static,
    ) -> Result<T, Overloaded> {
        let admitted = Arc::clone(&self.admission).try_acquire_owned().map_err(|_| Overloaded::Full)?;
        let turn = timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Overloaded::Full)?.map_err(|_| Overloaded::Failed)?;
        let done = self.in_idle_time_or_anyway(Arc::new(work), (admitted, turn)).await;
        done.unwrap_or(Err(HashError::NotComputed)).map_err(|error| {
            tracing::error!(%error, "a password hash could not be made or checked");
            Overloaded::Failed
        })
    }

    async fn in_idle_time_or_anyway<T: Send + 'static>(
        &self,
        work: Arc<impl Fn(&mut Memory) -> T + Send + Sync + 'static>,
        held: Held,
    ) -> Result<T, JoinError> {
        // Those who were too slow still try: there is too little idle time for anybody now.
        let Ok(leisure) = Arc::clone(&self.leisure).try_acquire_owned() else {
            return self.anyway(work, held).await;
        };
        let place = Arc::new(Place(Mutex::new(Some(held))));
        let mut first = self.idle.begin({
            let (work, place) = (Arc::clone(&work), Arc::clone(&place));
            move |memory| {
                let done = work(memory);
                // In this order: whoever gets the turn is to find leisure.
                drop(leisure);
                drop(place.leave());
                done
            }
        });
        if let Ok(done) = timeout(self.patience, &mut first).await {
            return done;
        }
        let Some(held) = place.leave() else { return first.await };
        self.done_again.fetch_add(1, Ordering::Relaxed);
        select! { done = first => done, done = self.anyway(work, held) => done }
    }

    fn anyway<T: Send + 'static>(
        &self,
        work: Arc<impl Fn(&mut Memory) -> T + Send + Sync + 'static>,
        held: Held,
    ) -> JoinHandle<T> {
        self.nice.begin(move |memory| {
            let _held = held;
            work(memory)
        })
    }
}

/// The permits of somebody who runs. They go with the work and not with the request, since a caller who hangs up frees
/// no core.
type Held = (OwnedSemaphorePermit, OwnedSemaphorePermit);

/// Where permits are left by those who are too slow, for those who do it again.
struct Place(Mutex<Option<Held>>);

impl Place {
    /// Nothing if they have been taken or given back.
    fn leave(&self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{atomic::AtomicBool, mpsc},
        thread,
    };

    use identity::SystemEntropy;
    use tokio::task::yield_now;

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
            let held = Mutex::new((Some(started), held));
            work.do_as_costly(move || {
                let (started, held) = &mut *held.lock().unwrap();
                started.take().unwrap().send(()).unwrap();
                held.recv().unwrap();
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
            yield_now().await;
        }
        assert_eq!(hasher.hash("secret".into()).await, Err(Overloaded::Full));
        assert_eq!((hasher.load().running, hasher.load().waiting), (1, 1));
        release.send(()).unwrap();
        second.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_is_too_slow_in_idle_time_is_done_again_and_holds_nobody_up() {
        let patient = patient_hasher();
        let (release, held) = mpsc::channel::<()>();
        let (held, tried) = (Mutex::new(held), AtomicBool::new(false));
        let stuck_at_first = move || {
            if !tried.swap(true, Ordering::Relaxed) {
                let _ = held.lock().unwrap().recv();
            }
            thread_name()
        };
        let hasher = PasswordHasher { patience: Duration::ZERO, ..patient.clone() };
        assert_eq!(hasher.do_as_costly(stuck_at_first).await.unwrap(), "hash-nice");
        assert_eq!((hasher.load().running, hasher.load().done_again), (0, 1));

        assert_eq!(patient.do_as_costly(thread_name).await.unwrap(), "hash-nice");
        release.send(()).unwrap();
        while hasher.leisure.available_permits() == 0 {
            yield_now().await;
        }
        assert_eq!(patient.do_as_costly(thread_name).await.unwrap(), "hash-idle");
        assert_eq!((hasher.load().running, hasher.load().done_again), (0, 1));
    }

    #[tokio::test]
    async fn who_panics_holds_nobody_up() {
        let hasher = patient_hasher();
        let failed: Result<(), _> = hasher.do_as_costly(|| panic!("on purpose")).await;
        assert_eq!(failed, Err(Overloaded::Failed));
        assert_eq!(hasher.do_as_costly(thread_name).await.unwrap(), "hash-idle");
    }

    /// Works off one at a time, however long it takes in idle time.
    fn patient_hasher() -> PasswordHasher {
        PasswordHasher { patience: Duration::from_hours(1), ..hasher(CHEAP, 1, 0) }
    }

    fn thread_name() -> String {
        thread::current().name().unwrap_or_default().to_owned()
    }
}
