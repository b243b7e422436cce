//! How much is measured.

use clap::Parser;

/// Measures the whole main job on real servers of its own, and prints the figures as JSON.
///
/// Everything listens on loopback, lies in temporary folders and ends with this program.
#[derive(Debug, Clone, Parser)]
#[command(name = "habeas-bench")]
pub(crate) struct Options {
    /// People in the store.
    #[arg(long, default_value_t = 5_000)]
    pub(crate) people: u32,
    /// Requests of the main run of each right.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) requests: u32,
    /// Requests made one at a time, for the latency of an idle system.
    #[arg(long, default_value_t = 50)]
    pub(crate) idle: u32,
    /// Rows of the one person who has very many; 0 leaves this out.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) rows: u32,
    /// Closed requests put into the state database before the last runs; 0 leaves these out.
    #[arg(long, default_value_t = 100_000)]
    pub(crate) history: u32,
    /// A small run of everything, to see that it works.
    #[arg(long)]
    pub(crate) quick: bool,
    /// How many of the statements that cost the state database most time to list.
    #[arg(long, default_value_t = 0)]
    pub(crate) statements: u32,
    /// The most seconds that any one run may take.
    #[arg(long, default_value_t = 600)]
    pub(crate) limit_seconds: u64,
}

impl Options {
    /// The options as given, made small for a quick run, and consistent.
    pub(crate) fn settled(self) -> anyhow::Result<Self> {
        let settled = if self.quick {
            Self {
                people: 700,
                requests: 100,
                idle: 10,
                rows: self.rows.min(50_000),
                history: self.history.min(5_000),
                ..self
            }
        } else {
            self
        };
        let needed = settled.people_needed();
        anyhow::ensure!(
            settled.people >= needed,
            "--people must be at least {needed}: every deletion needs a person of its own"
        );
        Ok(settled)
    }

    /// Deletions use people up: the main run, the run in two phases, the floor, and the runs over a history.
    pub(crate) const fn people_needed(&self) -> u32 {
        self.requests * 3 + self.half() + self.idle * 2 + 2
    }

    /// Requests of the shorter runs.
    pub(crate) const fn half(&self) -> u32 {
        self.requests.div_ceil(2)
    }

    /// The most that any one run may take.
    pub(crate) const fn limit(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.limit_seconds)
    }
}
