//! Randomness as a parameter.

use std::sync::Mutex;

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Where random bytes come from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with random bytes fit for keys and tokens.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::panic, reason = "a machine without randomness must not go on making keys and tokens")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(source) = getrandom::fill(bytes) {
            panic!("the operating system gives no random bytes: {source}");
        }
    }
}

/// A repeatable generator for tests. Never for keys of real people.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// The same seed gives the same bytes.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
    }
}
