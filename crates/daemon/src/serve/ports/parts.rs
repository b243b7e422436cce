//! What has to answer before the process is ready.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_api::Part;
use habeas_domain::Fault;
use habeas_ledger::Ledger;
use habeas_queue::{Queue, QueueError, QueueName};
use tokio::sync::OnceCell;

/// The state database.
pub(crate) struct StatePart(pub(crate) Ledger);

#[async_trait]
impl Part for StatePart {
    fn name(&self) -> &'static str {
        "state"
    }

    async fn note(&self) -> Option<String> {
        match self.0.count_closed_stores().await {
            Ok(0) | Err(_) => None,
            Ok(1) => Some("1 store is closed".to_owned()),
            Ok(closed) => Some(format!("{closed} stores are closed")),
        }
    }

    async fn ping(&self) -> Result<(), Fault> {
        Ok(self.0.ping().await?)
    }
}

/// The queue.
pub(crate) struct QueuePart {
    queue: Arc<dyn Queue>,
    names: Vec<QueueName>,
    declared: OnceCell<()>,
}

impl QueuePart {
    /// Of the queues that this process publishes to and takes from.
    pub(crate) fn new(queue: Arc<dyn Queue>, names: Vec<QueueName>) -> Self {
        Self { queue, names, declared: OnceCell::new() }
    }

    /// Whoever hears that a process is ready may publish: what is sent to a queue that is not there comes back.
    async fn answers(&self) -> Result<(), QueueError> {
        self.declared.get_or_try_init(|| self.queue.declare(&self.names)).await?;
        self.queue.ping().await
    }
}

#[async_trait]
impl Part for QueuePart {
    fn name(&self) -> &'static str {
        "queue"
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.answers().await.map_err(|error| Fault::temporary("queue-unavailable", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use habeas_queue::{EmbeddedQueue, Message};

    use super::*;

    #[tokio::test]
    async fn whoever_hears_that_a_process_is_ready_may_publish() {
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::default());
        let intake = QueueName::new("habeas.intake").unwrap();
        let publish = async || {
            let message = (intake.clone(), Message::json("one", "{}"));
            queue.publish(vec![message]).await.pop().unwrap()
        };
        let part = QueuePart::new(Arc::clone(&queue), vec![intake.clone()]);
        publish().await.unwrap_err();
        part.ping().await.unwrap();
        publish().await.unwrap();
    }
}
