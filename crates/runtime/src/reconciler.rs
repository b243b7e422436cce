//! The reconciler takes no hint: it re-reads which work is due and held by nobody, and announces it again. After
//! a crash, a wiped broker or a lost message, the same loop heals it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use habeas_ledger::{Ledger, LedgerError, Outgoing};
use habeas_queue::{Queue, QueueName};

/// How many pieces of work one round announces.
const AT_ONCE: u64 = 1_000;

/// After how many rounds work is announced although its queue holds messages: they may be somebody else's.
const PATIENCE: u32 = 30;

pub(crate) struct Reconciler {
    pub(crate) ledger: Ledger,
    pub(crate) queue: Arc<dyn Queue>,
    /// How long due work is left to its own announcement.
    pub(crate) grace: Duration,
    rounds: u32,
}

impl Reconciler {
    pub(crate) fn new(ledger: Ledger, queue: Arc<dyn Queue>, grace: Duration) -> Self {
        Self { ledger, queue, grace, rounds: 0 }
    }

    /// One round. A queue that still holds messages is behind rather than forgetful, and is left alone for a while.
    pub(crate) async fn round(&mut self) -> Result<(), LedgerError> {
        self.rounds = self.rounds.wrapping_add(1);
        let mut by_queue: BTreeMap<String, Vec<Outgoing>> = BTreeMap::new();
        for due in self.ledger.due(self.grace, AT_ONCE).await? {
            by_queue.entry(due.queue.clone()).or_default().push(due);
        }
        for (name, due) in by_queue {
            if self.is_behind(&name).await && !self.rounds.is_multiple_of(PATIENCE) {
                continue;
            }
            tracing::info!(queue = %name, count = due.len(), "due work is announced again");
            metrics::counter!("habeas_work_reannounced_total", "queue" => name).increment(due.len() as u64);
            self.announce(due).await;
        }
        Ok(())
    }

    async fn is_behind(&self, name: &str) -> bool {
        match QueueName::new(name) {
            Ok(name) => self.queue.depth(&name).await.is_ok_and(|depth| depth > 0),
            Err(_) => false,
        }
    }

    async fn announce(&self, due: Vec<Outgoing>) {
        let messages = due
            .into_iter()
            .filter_map(|one| {
                let name = QueueName::new(one.queue).ok()?;
                Some((name, habeas_queue::Message::json(one.id.to_string(), one.body)))
            })
            .collect();
        for result in self.queue.publish(messages).await {
            if let Err(error) = result {
                tracing::warn!(error = %error, "due work could not be announced; the next round tries again");
            }
        }
    }
}
