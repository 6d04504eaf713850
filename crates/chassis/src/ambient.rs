//! Time, randomness and the way out for spans as one value, handed to a service when it is built.

use std::sync::Arc;

use identity::{Clock, Entropy, SystemClock, SystemEntropy};

use crate::trace::Tracer;

/// What a service takes from the world around it.
#[derive(Clone)]
pub struct Ambient {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives unpredictable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Makes spans.
    pub tracer: Tracer,
}

impl Ambient {
    /// The machine's clock and random number generator; no spans are recorded.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// This time and this randomness; no spans are recorded.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, tracer: Tracer::none(entropy.clone()), entropy }
    }
}
