//! How hard a store may be worked.

use std::time::Duration;

use serde::Serialize;

/// The limits of one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most statements at one time (`concurrency`, 1 to 256, else 4).
    pub concurrency: usize,
    /// The most statements in one second (`rate_per_second`), if limited.
    pub rate_per_second: Option<u32>,
    /// The most people in one statement (`group_size`, 1 to 10,000, else 100).
    pub group_size: usize,
    /// How long one statement may take (`timeout_seconds`, 1 to 3,600, else 30).
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 4, rate_per_second: None, group_size: 100, timeout: Duration::from_secs(30) }
    }
}
