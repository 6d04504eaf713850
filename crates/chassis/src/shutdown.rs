//! The end, announced once and heard everywhere.

use tokio_util::sync::CancellationToken;

/// Tells every part of a process to finish. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Not shutting down.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Triggers on SIGINT or SIGTERM. Call inside a runtime.
    ///
    /// # Errors
    /// When the process may not listen for signals.
    pub fn on_signals() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let shutdown = Self::new();
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let triggered = shutdown.clone();
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            tracing::info!("shutting down");
            triggered.trigger();
        });
        Ok(shutdown)
    }

    /// Begins the end. Repeating it changes nothing.
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// Whether the end has begun.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for the end to begin.
    pub async fn triggered(&self) {
        self.0.cancelled().await;
    }

    /// Runs `work` until it is done or the end begins.
    pub async fn stops<F: Future>(&self, work: F) -> Option<F::Output> {
        self.0.run_until_cancelled(work).await
    }
}
