//! The reconciler takes no hint: it re-reads which work is due and claimed by nobody, and announces it again. After
//! a crash, a wiped broker or a lost message, the same loop heals it. What dead workers left is the rescuer's.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use habeas_ledger::{Ledger, LedgerError, Outgoing};
use habeas_queue::{Queue, QueueName};

/// How many pieces of work one round announces on one queue.
const AT_ONCE: u64 = 1_000;

/// Every how many rounds work is announced although its queue holds messages: they may be about other work, and a second
/// attempt is not among them. A repeat costs little: it claims nothing.
const PATIENCE: u32 = 5;

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
            if !self.rounds.is_multiple_of(PATIENCE) && self.is_behind(&name).await {
                continue;
            }
            tracing::info!(queue = %name, count = due.len(), "due work is announced again");
            metrics::counter!("habeas_work_reannounced_total", "queue" => name.clone())
                .increment(due.len() as u64);
            self.announce(&name, due).await;
        }
        Ok(())
    }

    async fn is_behind(&self, name: &str) -> bool {
        match QueueName::new(name) {
            Ok(name) => self.queue.depth(&name).await.is_ok_and(|depth| depth > 0),
            Err(_) => false,
        }
    }

    async fn announce(&self, name: &str, due: Vec<Outgoing>) {
        let messages = due
            .into_iter()
            .filter_map(|one| {
                let name = QueueName::new(one.queue).ok()?;
                Some((name, habeas_queue::Message::json(one.id.to_string(), one.body)))
            })
            .collect();
        let results = self.queue.publish(messages).await;
        let failed = results.iter().filter(|result| result.is_err()).count();
        if let Some(Err(error)) = results.into_iter().find(Result::is_err) {
            tracing::warn!(queue = %name, failed, error = %error, "due work could not be announced; a later round will");
        }
    }
}
