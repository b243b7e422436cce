//! What the suites share.

use std::sync::Arc;

use habeas_domain::{ManualClock, SeededEntropy};
use habeas_vault::{CodeCost, CodeOptions, Context, KeyRing, Vault};

/// A clock that stands at the epoch.
pub(crate) fn clock() -> ManualClock {
    ManualClock::new(chrono::DateTime::UNIX_EPOCH)
}

/// A repeatable ring.
pub(crate) fn ring(seed: u64) -> KeyRing {
    KeyRing::generate(&SeededEntropy::new(seed), &clock())
}

/// A vault that works with `ring`, with cheap codes.
pub(crate) fn vault(ring: &KeyRing) -> Vault {
    let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
    let codes = CodeOptions { cost, ..CodeOptions::default() };
    Vault::new(ring, Arc::new(SeededEntropy::new(99)), codes).unwrap()
}

/// The owner of the request key in most tests.
pub(crate) fn owner() -> Context {
    Context::new("request", "0193b5c0-0000-7000-8000-000000000001")
}
