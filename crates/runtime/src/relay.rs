//! The relay publishes what was committed to the outbox, and forgets it only once the queue has confirmed it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use habeas_domain::MessageId;
use habeas_ledger::{Ledger, LedgerError, Outgoing};
use habeas_queue::{Message, PublishError, Queue, QueueName};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

/// The most messages of one confirm window.
const WINDOW: usize = 500;

/// How old an outbox row must be before the sweep takes it: younger ones are being published by the process
/// that committed them.
const SWEEP_AGE: Duration = Duration::from_secs(2);

/// How many messages that cannot be published one sweep passes over.
const MOST_PASSED_OVER: usize = 20 * WINDOW;

/// How the names of our own queues begin.
const OWN_QUEUES: &str = "habeas.";

#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) ledger: Ledger,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) drain: CancellationToken,
}

impl Relay {
    /// Publishes what this process commits, as it commits it.
    pub(crate) async fn run(self, mut committed: Receiver<Outgoing>) {
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                received = committed.recv_many(&mut batch, WINDOW) => if received == 0 {
                    return;
                },
                () = self.drain.cancelled(), if committed.is_empty() => return,
            }
            if let Err(error) = publish(&self.ledger, self.queue.as_ref(), batch).await {
                tracing::warn!(error = %error, "the outbox could not be cleared; the sweep will");
            }
        }
    }

    /// Publishes what nobody published: after a crash, and for processes that have no relay. What cannot be published
    /// (its queue is gone, say) is passed over, so that it holds up nothing behind it.
    pub(crate) async fn sweep(&self) -> Result<(), LedgerError> {
        let mut passed_over: HashSet<MessageId> = HashSet::new();
        while passed_over.len() < MOST_PASSED_OVER {
            let most = (WINDOW + passed_over.len()) as u64;
            let mut batch = self.ledger.unpublished(SWEEP_AGE, most).await?;
            let whole = batch.len() as u64 == most;
            batch.retain(|outgoing| !passed_over.contains(&outgoing.id));
            passed_over.extend(publish(&self.ledger, self.queue.as_ref(), batch).await?);
            if !whole {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Publishes in one confirm window and forgets what was confirmed. Returns what was not.
pub(crate) async fn publish(
    ledger: &Ledger,
    queue: &dyn Queue,
    batch: Vec<Outgoing>,
) -> Result<Vec<MessageId>, LedgerError> {
    let (mut ids, mut messages, mut failed) = (Vec::with_capacity(batch.len()), Vec::new(), Vec::new());
    for outgoing in batch {
        let Ok(name) = QueueName::new(outgoing.queue) else {
            failed.push(outgoing.id);
            continue;
        };
        ids.push((outgoing.id, name.as_str().starts_with(OWN_QUEUES)));
        let mut message = Message::json(outgoing.id.to_string(), outgoing.body);
        message.correlation_id = outgoing.correlation;
        messages.push((name, message));
    }
    if messages.is_empty() {
        return Ok(failed);
    }
    fail::fail_point!("relay::before_publish");
    let results = queue.publish(messages).await;
    fail::fail_point!("relay::after_publish");
    let (mut confirmed, mut dropped, mut first_error) = (Vec::with_capacity(ids.len()), 0, None);
    for ((id, own), result) in ids.into_iter().zip(results) {
        match result {
            Ok(()) => confirmed.push(id),
            Err(PublishError::Unroutable) if !own => {
                // The queue that an answer was asked for is gone, and nobody waits for the answer any more.
                dropped += 1;
                confirmed.push(id);
            }
            Err(error) => {
                failed.push(id);
                first_error.get_or_insert(error);
            }
        }
    }
    if dropped > 0 {
        metrics::counter!("habeas_answers_dropped_total").increment(dropped as u64);
        tracing::warn!(dropped, "answers had nowhere to go and were dropped");
    }
    if let Some(error) = first_error {
        tracing::warn!(failed = failed.len(), error = %error, "not published; they stay in the outbox");
    }
    metrics::counter!("habeas_outbox_published_total").increment((confirmed.len() - dropped) as u64);
    ledger.published(&confirmed).await?;
    Ok(failed)
}
