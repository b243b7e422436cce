//! How long and how hard.

use std::time::Duration;

use clap::Parser;
use habeas_tests::campaign::workers;

/// Kills workers, the broker and the embedded program again and again under load, and prints the account as JSON.
///
/// It starts servers of its own, which listen on loopback, lie in temporary folders and end with this program. It stops
/// by itself, and fails when anything was lost, doubled, crossed or silently late.
#[derive(Debug, Clone, Parser)]
#[command(name = "habeas-soak")]
pub(crate) struct Options {
    /// Requests, half of them deletions, while workers are killed; 0 leaves this out.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) requests: u32,
    /// How many of them are handed in at once.
    #[arg(long, default_value_t = 1_000)]
    wave: u32,
    /// How many worker processes share the work.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    workers: u8,
    /// Seconds between two kills of a worker.
    #[arg(long, default_value_t = 5)]
    pub(crate) kill_every_seconds: u64,
    /// Messages published while the broker is killed; 0 leaves this out.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) publishes: usize,
    /// Kills of the broker.
    #[arg(long, default_value_t = 20)]
    pub(crate) broker_kills: usize,
    /// Kills of the embedded program while it writes its SQLite file; 0 leaves this out.
    #[arg(long, default_value_t = 200)]
    pub(crate) embedded_kills: usize,
    /// Decides who is killed, and when exactly.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The most seconds that the requests may take.
    #[arg(long, default_value_t = 1_800)]
    limit_seconds: u64,
}

impl Options {
    pub(crate) const fn workers(&self) -> workers::Size {
        workers::Size {
            requests: self.requests,
            wave: self.wave,
            workers: self.workers as usize,
            every: Duration::from_secs(self.kill_every_seconds),
            limit: Duration::from_secs(self.limit_seconds),
            seed: self.seed,
        }
    }
}
