//! How long and how hard.

use std::{path::PathBuf, time::Duration};

use clap::Parser;
use habeas_tests::campaign::{poison, upgrade, workers};

/// Kills workers, the broker and the embedded program again and again under load, strews poison among requests, and prints
/// the account as JSON.
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
    /// Pairs of waves, one clean and one in which there is poison; 0 leaves this out.
    #[arg(long, default_value_t = 10)]
    pub(crate) poison_pairs: u32,
    /// Requests of each of these waves.
    #[arg(long, default_value_t = 250)]
    poison_wave: u32,
    /// In each poisoned wave, the people whom a store refuses to delete, and the unreadable messages on each queue.
    #[arg(long, default_value_t = 1)]
    poison_each: u32,
    /// In each poisoned wave, a worker panics each time after so many commits of tasks.
    #[arg(long, default_value_t = 100)]
    panic_every: u32,
    /// Messages published while the broker is killed; 0 leaves this out.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) publishes: usize,
    /// Kills of the broker.
    #[arg(long, default_value_t = 20)]
    pub(crate) broker_kills: usize,
    /// Kills of the embedded program while it writes its SQLite file; 0 leaves this out.
    #[arg(long, default_value_t = 200)]
    pub(crate) embedded_kills: usize,
    /// The program of the release before, for a rolling upgrade from it under load; without it this is left out.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Requests handed in at each stage of the upgrade.
    #[arg(long, default_value_t = 200)]
    upgrade_each: u32,
    /// Decides who is killed, and when exactly.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The most seconds that the requests may take.
    #[arg(long, default_value_t = 1_800)]
    limit_seconds: u64,
}

impl Options {
    pub(crate) fn upgrade(&self) -> Option<upgrade::Size> {
        let (each, limit) = (self.upgrade_each, Duration::from_secs(self.limit_seconds));
        self.before.clone().map(|before| upgrade::Size { before, each, limit })
    }

    pub(crate) const fn poison(&self) -> poison::Size {
        poison::Size {
            wave: self.poison_wave,
            pairs: self.poison_pairs,
            poison: self.poison_each,
            panic_every: self.panic_every,
            limit: Duration::from_secs(self.limit_seconds),
        }
    }

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
