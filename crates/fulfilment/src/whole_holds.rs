//! Legal holds that were placed while a store was away, and are about the typed keys alone until it answers.

use std::time::Duration;

use habeas_domain::Actor;
use habeas_ledger::{HoldToWiden, Ledger, LedgerError};
use tokio_util::sync::CancellationToken;

use crate::{FileRoom, FulfilmentError};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(20);

/// How many holds one round asks the stores about.
const AT_ONCE: u64 = 20;

/// Asks the stores for the further keys of whom such holds are about, until they have answered. Any number of processes may.
#[derive(Debug, Clone)]
pub struct WholeHolds {
    ledger: Ledger,
    room: FileRoom,
}

impl WholeHolds {
    /// With these stores.
    pub const fn new(ledger: Ledger, room: FileRoom) -> Self {
        Self { ledger, room }
    }

    /// Makes its rounds until `stop`, which cuts one off: what it was at is found again by the next.
    pub async fn run(self, stop: CancellationToken) {
        let rounds = async {
            loop {
                if let Err(error) = self.round().await {
                    tracing::warn!(%error, "a round for legal holds failed; the next one tries again");
                }
                tokio::time::sleep(EVERY).await;
            }
        };
        let _cut_off = stop.run_until_cancelled(Box::pin(rounds)).await;
    }

    /// One round. A hold that cannot be completed yet keeps none of the others from it. Returns how many became whole.
    pub async fn round(&self) -> Result<u64, LedgerError> {
        let mut completed = 0;
        for hold in self.ledger.holds_to_widen(AT_ONCE).await? {
            match self.complete(&hold).await {
                Ok(()) => completed += 1,
                Err(error) => {
                    let (hold, code) = (hold.id, error.to_fault().code);
                    tracing::error!(%hold, code, "a legal hold is about the keys that were typed alone; a store has yet to answer, or the keys lead to more than one person can have");
                }
            }
        }
        Ok(completed)
    }

    async fn complete(&self, hold: &HoldToWiden) -> Result<(), FulfilmentError> {
        let keys = self.room.further_keys(&hold.keys).await?;
        let placed = self.ledger.complete_hold(hold.id, &keys, Actor::System).await?;
        let (stopped, too_late) = (placed.stopped.len(), placed.too_late.len());
        tracing::info!(hold = %hold.id, stopped, too_late, "a legal hold is about all keys of the person now");
        Ok(())
    }
}
