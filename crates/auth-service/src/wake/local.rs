//! Within one process.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Listener, Wake};

/// Wakes this replica alone. Clones wake the same listeners.
#[derive(Debug, Clone, Default)]
pub(crate) struct LocalWake(Arc<watch::Sender<()>>);

impl Wake for LocalWake {
    fn wake(&self) {
        self.0.send_replace(());
    }

    fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}
