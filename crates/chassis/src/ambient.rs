//! Time and randomness as one value, handed to a service when it is built.

use std::sync::Arc;

use identity::{Clock, Entropy, SystemClock, SystemEntropy};

/// What a service takes from the world around it.
#[derive(Clone)]
pub struct Ambient {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives unpredictable bytes.
    pub entropy: Arc<dyn Entropy>,
}

impl Ambient {
    /// The machine's clock and random number generator.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }
}
