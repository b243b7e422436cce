//! What has to answer before the process is ready.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_api::Part;
use habeas_domain::Fault;
use habeas_ledger::Ledger;
use habeas_queue::Queue;

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
pub(crate) struct QueuePart(pub(crate) Arc<dyn Queue>);

#[async_trait]
impl Part for QueuePart {
    fn name(&self) -> &'static str {
        "queue"
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.0.ping().await.map_err(|error| Fault::temporary("queue-unavailable", error.to_string()))
    }
}
