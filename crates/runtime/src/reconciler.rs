//! The reconciler takes no hint: it re-reads which work is due and held by nobody, and announces it again. After
//! a crash, a wiped broker or a lost message, the same loop heals it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use habeas_ledger::{Due, Ledger, LedgerError};
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

    /// One round. A queue that still holds messages is behind rather than forgetful, and is left alone for a while;
    /// but the work of a dead worker is announced at once, as nobody else will.
    pub(crate) async fn round(&mut self) -> Result<(), LedgerError> {
        self.rounds = self.rounds.wrapping_add(1);
        let mut by_queue: BTreeMap<String, Vec<Due>> = BTreeMap::new();
        for due in self.ledger.due(self.grace, AT_ONCE).await? {
            by_queue.entry(due.announcement.queue.clone()).or_default().push(due);
        }
        for (name, due) in by_queue {
            let patient = !self.rounds.is_multiple_of(PATIENCE) && self.is_behind(&name).await;
            let due = worth_saying(due, patient);
            if due.is_empty() {
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

    async fn announce(&self, name: &str, due: Vec<Due>) {
        let messages = due
            .into_iter()
            .filter_map(|Due { announcement: one, .. }| {
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

/// What is announced on a queue: all that is due, or of one that is behind, only what no message in it can be about.
fn worth_saying(due: Vec<Due>, patient: bool) -> Vec<Due> {
    if patient { due.into_iter().filter(|one| one.abandoned).collect() } else { due }
}

#[cfg(test)]
mod tests {
    use habeas_domain::{Ids, SystemClock, SystemEntropy};
    use habeas_ledger::Outgoing;

    use super::*;

    #[test]
    fn a_queue_that_is_behind_is_told_only_of_a_dead_workers_work() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
        let due = [true, false].map(|abandoned| Due {
            announcement: Outgoing {
                id: ids.fresh(),
                queue: "habeas.mail".to_owned(),
                body: "{}".to_owned(),
                correlation: None,
            },
            abandoned,
        });
        assert_eq!(worth_saying(due.to_vec(), true), due[..1]);
        assert_eq!(worth_saying(due.to_vec(), false), due);
    }
}
