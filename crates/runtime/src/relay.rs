//! The relay publishes what was committed to the outbox, and forgets it only once the queue has confirmed it.

use std::{sync::Arc, time::Duration};

use habeas_domain::MessageId;
use habeas_ledger::{Ledger, LedgerError, Outgoing};
use habeas_queue::{Message, Queue, QueueName};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

/// The most messages of one confirm window.
const WINDOW: usize = 500;

/// How old an outbox row must be before the sweep takes it: younger ones are being published by the process
/// that committed them.
const SWEEP_AGE: Duration = Duration::from_secs(2);

pub(crate) struct Relay {
    pub(crate) ledger: Ledger,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) drain: CancellationToken,
}

impl Relay {
    /// Publishes what this process commits, as it commits it.
    pub(crate) async fn run(self, mut committed: UnboundedReceiver<Vec<Outgoing>>) {
        loop {
            let mut batch = tokio::select! {
                next = committed.recv() => match next {
                    Some(batch) => batch,
                    None => return,
                },
                () = self.drain.cancelled(), if committed.is_empty() => return,
            };
            while batch.len() < WINDOW {
                let Ok(more) = committed.try_recv() else { break };
                batch.extend(more);
            }
            if let Err(error) = publish(&self.ledger, self.queue.as_ref(), batch).await {
                tracing::warn!(error = %error, "the outbox could not be cleared; the sweep will");
            }
        }
    }

    /// Publishes what nobody published: after a crash, and for processes that have no relay.
    pub(crate) async fn sweep(&self) -> Result<(), LedgerError> {
        loop {
            let batch = self.ledger.unpublished(SWEEP_AGE, WINDOW as u64).await?;
            let size = batch.len();
            let sent = publish(&self.ledger, self.queue.as_ref(), batch).await?;
            if size < WINDOW || sent == 0 {
                return Ok(());
            }
        }
    }
}

/// Publishes in one confirm window and forgets what was confirmed. Returns how many were.
pub(crate) async fn publish(
    ledger: &Ledger,
    queue: &dyn Queue,
    batch: Vec<Outgoing>,
) -> Result<usize, LedgerError> {
    let mut ids: Vec<MessageId> = Vec::with_capacity(batch.len());
    let mut messages = Vec::with_capacity(batch.len());
    for outgoing in batch {
        let Ok(name) = QueueName::new(outgoing.queue.clone()) else {
            tracing::error!(message = %outgoing.id, "an outbox row names no queue");
            continue;
        };
        ids.push(outgoing.id);
        let mut message = Message::json(outgoing.id.to_string(), outgoing.body);
        message.correlation_id = outgoing.correlation;
        messages.push((name, message));
    }
    if messages.is_empty() {
        return Ok(0);
    }
    fail::fail_point!("relay::before_publish");
    let results = queue.publish(messages).await;
    fail::fail_point!("relay::after_publish");
    let mut confirmed = Vec::with_capacity(ids.len());
    for (id, result) in ids.into_iter().zip(results) {
        match result {
            Ok(()) => confirmed.push(id),
            Err(error) => {
                tracing::warn!(message = %id, error = %error, "not published; it stays in the outbox");
            }
        }
    }
    metrics::counter!("habeas_outbox_published_total").increment(confirmed.len() as u64);
    ledger.published(&confirmed).await?;
    Ok(confirmed.len())
}
