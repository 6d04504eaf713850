//! Randomness, passed in: tests may script it, the system asks the kernel.

/// Gives unpredictable bytes. Everything that must not be guessed takes one of these.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with random data.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random number generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the kernel cannot give random bytes: nothing may be issued then.
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret may be made; ending is the safe answer"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
