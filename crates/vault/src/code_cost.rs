//! How dear a guess at a code is.

use std::time::Duration;

use argon2::Params;

use crate::VaultError;

/// The cost of one Argon2id hash (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeCost {
    /// Memory in KiB, at least 8 for every lane.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub passes: u32,
    /// Lanes, at least 1. They are worked through one after the other.
    pub lanes: u32,
}

impl Default for CodeCost {
    /// 4 MiB, one pass, one lane: about 2 ms. Why a code needs no more is in `decisions/0002-the-cost-of-a-code.md`.
    fn default() -> Self {
        Self { memory_kib: 4 * 1024, passes: 1, lanes: 1 }
    }
}

impl CodeCost {
    pub(crate) fn params(self) -> Result<Params, VaultError> {
        Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(|_| VaultError::CodeCost)
    }
}

/// How codes are hashed and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeOptions {
    /// The cost of one hash. Stored hashes keep the cost they were made with.
    pub cost: CodeCost,
    /// How many hashes run at once, at least 1. Together they use at most this many threads, and this many
    /// times the memory of one.
    pub parallel: usize,
    /// How long a hash waits for its turn before it fails as busy.
    pub patience: Duration,
}

impl Default for CodeOptions {
    fn default() -> Self {
        Self { cost: CodeCost::default(), parallel: 2, patience: Duration::from_secs(5) }
    }
}
