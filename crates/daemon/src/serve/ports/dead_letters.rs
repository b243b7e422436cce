//! Messages that were given up.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_api::{DeadLetter, DeadLetters};
use habeas_domain::Fault;
use habeas_queue::{Queue, QueueError, QueueName};

/// The dead letters of this deployment's queues.
pub(crate) struct QueueDeadLetters {
    /// The queue.
    pub(crate) queue: Arc<dyn Queue>,
    /// Every queue of the deployment.
    pub(crate) names: Vec<QueueName>,
}

#[async_trait]
impl DeadLetters for QueueDeadLetters {
    fn queues(&self) -> Vec<String> {
        self.names.iter().map(ToString::to_string).collect()
    }

    async fn list(&self, queue: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, Fault> {
        let mut found = Vec::new();
        for name in self.names.iter().filter(|name| queue.is_none_or(|wanted| wanted == name.as_str())) {
            let room = limit.saturating_sub(found.len());
            if room == 0 {
                break;
            }
            let letters = self.queue.dead_letters(name, room).await.map_err(|error| failed(&error))?;
            found.extend(letters.into_iter().map(|letter| DeadLetter {
                id: letter.id,
                queue: name.to_string(),
                reason: letter.reason,
                bytes: letter.bytes as u64,
            }));
        }
        Ok(found)
    }

    async fn revive(&self, queue: &str, limit: usize) -> Result<u64, Fault> {
        let Some(name) = self.names.iter().find(|name| name.as_str() == queue) else { return Ok(0) };
        self.queue.revive_dead_letters(name, limit).await.map_err(|error| failed(&error))
    }
}

fn failed(error: &QueueError) -> Fault {
    Fault::temporary("queue-unavailable", error.to_string())
}
