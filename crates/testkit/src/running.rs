//! A service at work for the length of a test.

use std::{io, time::Duration};

use chassis::{Shutdown, health::Health};
use tokio::{task::JoinHandle, time::timeout};

/// How long a service may take to be ready, or to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running service. Dropping it begins its end without waiting for it.
pub struct Running {
    shutdown: Shutdown,
    task: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Runs a service, `|shutdown| service.run(shutdown)`, and returns once it is ready.
    pub async fn start<F>(health: Health, run: impl FnOnce(Shutdown) -> F) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let shutdown = Shutdown::new();
        let mut task = tokio::spawn(run(shutdown.clone()));
        let ready = timeout(PATIENCE, health.until_ready());
        tokio::select! {
            ready = ready => ready.expect("the service is ready in time"),
            ended = &mut task => panic!("the service ended before it was ready: {ended:?}"),
        }
        Self { shutdown, task: Some(task) }
    }

    /// Ends it as a signal would, and returns when it has ended well.
    pub async fn stop(mut self) {
        self.shutdown.trigger();
        let task = self.task.take().expect("it is running");
        let ended = timeout(PATIENCE, task).await.expect("the service ends in time");
        ended.expect("the service does not panic").expect("the service ends well");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}
