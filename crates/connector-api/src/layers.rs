//! Layers: stores that wrap a store and add one thing each.

mod limited;
mod observed;
mod observers;
mod retried;
mod timed;

use std::{sync::Arc, time::Duration};

use habeas_domain::{Entropy, StoreName};

use crate::DataStore;

pub use limited::Limited;
pub use observed::Observed;
pub use observers::{Metrics, Observer};
pub use retried::Retried;
pub use timed::Timed;

/// The limits of one store.
#[derive(Debug, Clone)]
pub struct LayerOptions {
    /// The longest that reading may take to begin, and each further row to arrive.
    pub read_timeout: Duration,
    /// The longest that one change set may take.
    pub write_timeout: Duration,
    /// How often a read is tried in all when it fails for a moment. Writes are retried by the workflow alone.
    pub read_attempts: u32,
    /// The pause before the second attempt; it doubles each time, with jitter.
    pub first_pause: Duration,
    /// How many calls may be under way at once.
    pub concurrency: usize,
    /// How many calls may begin per second, if limited.
    pub rate: Option<u32>,
}

impl Default for LayerOptions {
    fn default() -> Self {
        Self {
            read_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_mins(2),
            read_attempts: 3,
            first_pause: Duration::from_millis(50),
            concurrency: 8,
            rate: None,
        }
    }
}

/// A store with all layers in their right order: each attempt is timed alone, waiting for a free place is not,
/// and observers see what the caller sees.
pub fn layered(
    name: &StoreName,
    store: impl DataStore,
    options: &LayerOptions,
    entropy: Arc<dyn Entropy>,
    observers: Vec<Arc<dyn Observer>>,
) -> Arc<dyn DataStore> {
    let timed = Timed::new(store, options.read_timeout, options.write_timeout);
    let limited = Limited::new(timed, options.concurrency, options.rate);
    let retried = Retried::new(limited, options.read_attempts, options.first_pause, entropy);
    Arc::new(Observed::new(name.clone(), retried, observers))
}

#[cfg(test)]
mod tests;
