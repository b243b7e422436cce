//! The rescuer looks for work that dead workers left and hands it to the lanes of its own process. A message about it would
//! come behind all others of its queue, which under load is where nobody gets to in time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use habeas_domain::WorkId;
use habeas_ledger::{Ledger, LedgerError};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{lane::MOST_TOGETHER, runtime::tick};

/// Hands what is found to the lanes, each by the queue that it works on.
#[derive(Clone)]
pub(crate) struct Rescuer {
    ledger: Ledger,
    lanes: Vec<(String, mpsc::Sender<Vec<WorkId>>)>,
}

/// Where the loops of one lane find what was handed to it.
#[derive(Clone)]
pub(crate) struct Found(Arc<Mutex<mpsc::Receiver<Vec<WorkId>>>>);

impl Found {
    /// Waits for work that a dead worker left. Cancel safe.
    pub(crate) async fn next(&self) -> Vec<WorkId> {
        match self.0.lock().await.recv().await {
            Some(found) => found,
            // Nobody looks any more: the process ends.
            None => std::future::pending().await,
        }
    }
}

impl Rescuer {
    pub(crate) const fn new(ledger: Ledger) -> Self {
        Self { ledger, lanes: Vec::new() }
    }

    /// One more lane to find work for.
    pub(crate) fn serve(&mut self, queue: &str) -> Found {
        // Room for one: while all loops of a lane are busy, what is left is found again in the next round.
        let (give, take) = mpsc::channel(1);
        self.lanes.push((queue.to_owned(), give));
        Found(Arc::new(Mutex::new(take)))
    }

    /// Looks every so often, until `stop`.
    pub(crate) async fn run(self, every: Duration, stop: CancellationToken) {
        while tick(every, &stop).await {
            if let Err(error) = self.round().await {
                tracing::warn!(error = %error, "a look for the work of dead workers failed");
            }
        }
    }

    async fn round(&self) -> Result<(), LedgerError> {
        let free = self.lanes.iter().filter(|(_, lane)| lane.capacity() > 0);
        let free: Vec<String> = free.map(|(queue, _)| queue.clone()).collect();
        let mut found: BTreeMap<String, Vec<WorkId>> = BTreeMap::new();
        for one in self.ledger.abandoned(&free, MOST_TOGETHER as u64).await? {
            found.entry(one.queue).or_default().push(one.work);
        }
        for (queue, lane) in &self.lanes {
            if let Some(work) = found.remove(queue) {
                // A lane that ends leaves it to other processes.
                let _ended = lane.try_send(work);
            }
        }
        Ok(())
    }
}
