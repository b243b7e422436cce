//! The back end that lives in the process. It forgets everything when the process ends, by design: the ledger's
//! reconciler publishes again whatever is due.

mod consumer;
mod line;
mod settlement;

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use crate::{Consumer, DeadLetter, Message, PublishError, Queue, QueueError, QueueName, measure};

use self::{consumer::EmbeddedConsumer, line::Line};

/// Limits of the embedded back end.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// How many messages one queue holds, waiting or unsettled, before it declines more. `None`: no limit, which is
    /// safe where the publisher is an outbox relay that waits for its messages to be worked off.
    pub capacity: Option<usize>,
    /// The largest body in bytes. Default 1 MiB.
    pub max_message_bytes: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self { capacity: None, max_message_bytes: 1024 * 1024 }
    }
}

/// Queues inside the process. Clones share them.
#[derive(Clone, Default)]
pub struct EmbeddedQueue {
    store: Arc<Store>,
}

#[derive(Default)]
struct Store {
    options: EmbeddedOptions,
    lines: RwLock<HashMap<QueueName, Arc<Line>>>,
    closed: AtomicBool,
}

impl EmbeddedQueue {
    /// No queues yet.
    pub fn new(options: EmbeddedOptions) -> Self {
        Self { store: Arc::new(Store { options, ..Store::default() }) }
    }

    fn line(&self, queue: &QueueName) -> Result<Arc<Line>, QueueError> {
        let lines = self.store.lines.read().unwrap_or_else(PoisonError::into_inner);
        lines.get(queue).cloned().ok_or_else(|| QueueError::UnknownQueue { queue: queue.to_string() })
    }

    fn line_or_new(&self, queue: &QueueName) -> Arc<Line> {
        let mut lines = self.store.lines.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            lines
                .entry(queue.clone())
                .or_insert_with(|| Arc::new(Line::new(queue.clone(), self.store.options.capacity))),
        )
    }

    fn publish_one(&self, queue: &QueueName, message: Message) -> Result<(), PublishError> {
        self.open()?;
        let (bytes, limit) = (message.body.len(), self.store.options.max_message_bytes);
        if bytes > limit {
            return Err(PublishError::TooLarge { bytes, limit });
        }
        let line = self.line(queue).map_err(|_| PublishError::Unroutable)?;
        line.push(message)
    }

    fn open(&self) -> Result<(), QueueError> {
        if self.store.closed.load(Ordering::SeqCst) { Err(QueueError::Closed) } else { Ok(()) }
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn declare(&self, queues: &[QueueName]) -> Result<(), QueueError> {
        self.open()?;
        for queue in queues {
            self.line_or_new(queue);
        }
        Ok(())
    }

    async fn publish(&self, messages: Vec<(QueueName, Message)>) -> Vec<Result<(), PublishError>> {
        let mut results = Vec::with_capacity(messages.len());
        for (queue, message) in messages {
            let result = self.publish_one(&queue, message);
            measure::published(&queue, !matches!(result, Err(PublishError::Unroutable)), &result);
            results.push(result);
        }
        results
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        self.open()?;
        Ok(Box::new(EmbeddedConsumer::new(self.line_or_new(queue), prefetch)))
    }

    async fn depth(&self, queue: &QueueName) -> Result<u64, QueueError> {
        Ok(self.line(queue)?.depth())
    }

    async fn count_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError> {
        Ok(self.line(queue)?.dead_depth())
    }

    async fn dead_letters(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        Ok(self.line(queue)?.dead_letters(limit))
    }

    async fn revive_dead_letters(&self, queue: &QueueName, limit: usize) -> Result<u64, QueueError> {
        Ok(self.line(queue)?.revive(limit))
    }

    async fn purge_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError> {
        Ok(self.line(queue)?.purge())
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.open()
    }

    async fn close(&self) {
        self.store.closed.store(true, Ordering::SeqCst);
        for line in self.store.lines.read().unwrap_or_else(PoisonError::into_inner).values() {
            line.close();
        }
    }
}
