//! The end, announced once and heard everywhere.
//!
//! It comes in stages, each of which a signal can bring about: announced (not ready any more, but serving), hurried
//! (no connection is taken any more) and abandoned (nothing is waited for). What a service does in each of them is
//! in [`lifecycle`](crate::lifecycle).

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

/// Tells every part of a process to finish. Clones share one state.
#[derive(Debug, Clone)]
pub struct Shutdown(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy)]
struct State {
    stage: Stage,
    /// When it left [`Stage::Running`].
    began: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Running,
    Announced,
    Hurried,
    Abandoned,
}

impl Default for Shutdown {
    fn default() -> Self {
        let state = State { stage: Stage::Running, began: None };
        Self(Arc::new(watch::Sender::new(state)))
    }
}

impl Shutdown {
    /// Not shutting down.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Triggers on SIGTERM, which is how a process manager asks, and on SIGINT, which is somebody at a terminal who
    /// does not want to wait for load balancers. Each further signal of either kind goes one stage further. Call
    /// inside a runtime.
    ///
    /// # Errors
    /// When the process may not listen for signals.
    pub fn on_signals() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let shutdown = Self::new();
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let raised = shutdown.clone();
        tokio::spawn(async move {
            loop {
                let least = tokio::select! {
                    _ = terminate.recv() => Stage::Announced,
                    _ = interrupt.recv() => Stage::Hurried,
                };
                let stage = least.max(raised.stage().next());
                tracing::info!(?stage, "shutting down");
                raised.raise(stage);
            }
        });
        Ok(shutdown)
    }

    /// Begins the end. Repeating it changes nothing.
    pub fn trigger(&self) {
        self.raise(Stage::Announced);
    }

    /// Begins the end, or goes on to not waiting for load balancers.
    pub fn hurry(&self) {
        self.raise(Stage::Hurried);
    }

    /// Ends without waiting for anybody.
    pub fn abandon(&self) {
        self.raise(Stage::Abandoned);
    }

    /// Whether the end has begun.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.stage() > Stage::Running
    }

    /// Waits for the end to begin.
    pub async fn triggered(&self) {
        self.reached(Stage::Announced).await;
    }

    /// Runs `work` until it is done or the end begins.
    pub async fn stops<F: Future>(&self, work: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            () = self.triggered() => None,
            output = work => Some(output),
        }
    }

    /// Waits until load balancers are not to be waited for.
    pub(crate) async fn hurried(&self) {
        self.reached(Stage::Hurried).await;
    }

    /// Waits until nobody is to be waited for.
    pub(crate) async fn abandoned(&self) {
        self.reached(Stage::Abandoned).await;
    }

    /// When the end began, if it has.
    pub(crate) fn began(&self) -> Option<Instant> {
        self.0.borrow().began
    }

    fn stage(&self) -> Stage {
        self.0.borrow().stage
    }

    fn raise(&self, stage: Stage) {
        self.0.send_if_modified(|state| {
            let raised = stage > state.stage;
            if raised {
                *state = State { stage, began: Some(state.began.unwrap_or_else(Instant::now)) };
            }
            raised
        });
    }

    async fn reached(&self, stage: Stage) {
        // The sender is `self`: it cannot go away meanwhile.
        let _ = self.0.subscribe().wait_for(|state| state.stage >= stage).await;
    }
}

impl Stage {
    fn next(self) -> Self {
        match self {
            Self::Running => Self::Announced,
            Self::Announced => Self::Hurried,
            Self::Hurried | Self::Abandoned => Self::Abandoned,
        }
    }
}
