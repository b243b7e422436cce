//! The back end that speaks to RabbitMQ (3.10 or later).
//!
//! Everything goes through the default exchange to durable quorum queues. Publishing and consuming have a connection
//! each, because the broker's memory and disk alarms stop a publishing connection altogether.

mod backoff;
mod call;
mod consumer;
mod dead_letters;
mod link;
mod options;
mod properties;
mod publisher;
mod pump;
mod session;
mod settlement;
mod topology;
mod window;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{Consumer, DeadLetter, Message, PublishError, Queue, QueueError, QueueName, measure};

pub use self::{backoff::Backoff, options::RabbitOptions, topology::definitions};
use self::{consumer::RabbitConsumer, link::Link, publisher::Publisher, topology::Topology};

/// A log target of the client library that must be turned off: it prints whole messages that came back as
/// unroutable, body included. In `tracing-subscriber`'s filter language: `lapin::returned_messages=off`.
pub const QUIET_LOG_TARGET: &str = "lapin::returned_messages";

/// Queues on a RabbitMQ broker. Clones share the connections.
#[derive(Clone)]
pub struct RabbitQueue {
    shared: Arc<Shared>,
}

struct Shared {
    options: Arc<RabbitOptions>,
    topology: Arc<Topology>,
    publisher: Publisher,
    consuming: Link,
    closed: watch::Sender<bool>,
}

impl RabbitQueue {
    /// Connects when it is first used, so that it can be made while the broker is away; [`Queue::ping`] tells.
    pub fn new(options: RabbitOptions) -> Self {
        let options = Arc::new(options);
        let topology = Arc::new(Topology::default());
        let shared = Shared {
            publisher: Publisher::new(Arc::clone(&options), Arc::clone(&topology)),
            consuming: Link::new("consume", Arc::clone(&options)),
            closed: watch::Sender::new(false),
            options,
            topology,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Prepare, publish what is publishable in one window, and put the results back in order.
    async fn publish_all(&self, messages: Vec<(QueueName, Message)>) -> Vec<Result<(), PublishError>> {
        let publisher = &self.shared.publisher;
        let mut window = Vec::with_capacity(messages.len());
        let refused: Vec<_> = messages
            .into_iter()
            .map(|(queue, message)| {
                publisher.prepare(queue.as_str(), message, None).map(|outgoing| window.push(outgoing)).err()
            })
            .collect();
        let mut results = publisher.publish(&window).await.into_iter();
        refused
            .into_iter()
            .map(|refused| match refused {
                Some(error) => Err(error),
                None => results.next().unwrap_or(Err(PublishError::TimedOut)),
            })
            .collect()
    }
}

impl RabbitQueue {
    async fn waiting_in(&self, queue: &str) -> Result<u64, QueueError> {
        let connection = self.shared.consuming.connection().await?;
        let found = topology::look(&connection, queue, &self.shared.options).await?;
        Ok(u64::from(found.message_count()))
    }
}

#[async_trait]
impl Queue for RabbitQueue {
    async fn declare(&self, queues: &[QueueName]) -> Result<(), QueueError> {
        for queue in queues {
            self.shared.publisher.declare(queue).await?;
            self.shared.topology.remember(queue);
        }
        Ok(())
    }

    async fn publish(&self, messages: Vec<(QueueName, Message)>) -> Vec<Result<(), PublishError>> {
        if messages.is_empty() {
            return Vec::new();
        }
        let queues: Vec<_> = messages.iter().map(|(queue, _)| queue.clone()).collect();
        let results = self.publish_all(messages).await;
        for (queue, result) in queues.iter().zip(&results) {
            measure::published(queue, self.shared.topology.contains(queue), result);
        }
        results
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        if *self.shared.closed.borrow() {
            return Err(QueueError::Closed);
        }
        self.shared.topology.remember(queue);
        Ok(Box::new(RabbitConsumer::new(Arc::clone(&self.shared), queue.clone(), prefetch)))
    }

    async fn depth(&self, queue: &QueueName) -> Result<u64, QueueError> {
        self.waiting_in(queue.as_str()).await
    }

    async fn count_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError> {
        self.waiting_in(&queue.dead_letters()).await
    }

    async fn dead_letters(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        dead_letters::list(&self.shared, queue, limit).await
    }

    async fn revive_dead_letters(&self, queue: &QueueName, limit: usize) -> Result<u64, QueueError> {
        dead_letters::revive(&self.shared, queue, limit).await
    }

    async fn purge_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError> {
        dead_letters::purge(&self.shared, queue).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.shared.publisher.ping().await
    }

    async fn close(&self) {
        self.shared.closed.send_replace(true);
        tokio::join!(self.shared.consuming.close(), self.shared.publisher.link.close());
    }
}
