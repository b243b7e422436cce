//! The contract that both back ends keep.

use std::time::Duration;

use async_trait::async_trait;

use crate::{DeadLetter, Delivery, Message, PublishError, QueueError, QueueName};

/// Publishing, consuming, and looking after queues.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Make sure that these queues exist, each with its dead-letter queue. Harmless to repeat; a back end that loses
    /// its queues makes the declared ones again by itself.
    ///
    /// # Errors
    /// Any [`QueueError`]. The queues before the one that failed exist.
    async fn declare(&self, queues: &[QueueName]) -> Result<(), QueueError>;

    /// Publish a batch in one confirm window, in order. One result per message, in the same order: `Ok` only when the
    /// back end stored it **and** did not send it back as unroutable.
    ///
    /// An `Err` does not prove that the message was not stored, so consumers must bear repeats.
    async fn publish(&self, messages: Vec<(QueueName, Message)>) -> Vec<Result<(), PublishError>>;

    /// Consume a queue. When it is not there it is declared, at the latest when the first group is asked for. At most
    /// `prefetch` deliveries (0 counts as 1) are unsettled at one time. The consumer survives the loss of its
    /// connection.
    ///
    /// # Errors
    /// [`QueueError::Closed`]. A broker that is away is no error: the consumer waits for it.
    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError>;

    /// How many messages wait to be delivered, without those that are delivered and unsettled.
    ///
    /// # Errors
    /// [`QueueError::UnknownQueue`] and those of the connection.
    async fn depth(&self, queue: &QueueName) -> Result<u64, QueueError>;

    /// How many dead letters `queue` has.
    ///
    /// # Errors
    /// [`QueueError::UnknownQueue`] and those of the connection.
    async fn count_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError>;

    /// List up to `limit` dead letters of `queue`, leaving them there. Oldest first, except that a quorum queue puts
    /// letters that were looked at behind those that were not: with a `limit` below their number, repeated calls
    /// show one part after the other.
    ///
    /// # Errors
    /// [`QueueError::UnknownQueue`] and those of the connection.
    async fn dead_letters(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, QueueError>;

    /// Put up to `limit` dead letters, in the order of the list, back into `queue`. Returns how many.
    ///
    /// # Errors
    /// [`QueueError::UnknownQueue`] and those of the connection. A letter is never lost: at worst it is in both.
    async fn revive_dead_letters(&self, queue: &QueueName, limit: usize) -> Result<u64, QueueError>;

    /// Destroy all dead letters of `queue`. Returns how many.
    ///
    /// # Errors
    /// [`QueueError::UnknownQueue`] and those of the connection.
    async fn purge_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError>;

    /// Ask whether messages can be published now. RabbitMQ tells of a memory or disk alarm only those that published
    /// since it began, so an alarm shows here after the first failed publish.
    ///
    /// # Errors
    /// The reason why not.
    async fn ping(&self) -> Result<(), QueueError>;

    /// Stop: consumers end, unsettled deliveries go back to their queues, connections close.
    async fn close(&self);
}

/// Receives the deliveries of one queue.
#[async_trait]
pub trait Consumer: Send {
    /// Wait for one delivery, then take what else is there, up to `max` in all (0 counts as 1), waiting at most
    /// `linger` for more. `None` when the queue was closed.
    ///
    /// Cancel safe: a delivery received before the future was dropped is part of the next group.
    async fn next_group(&mut self, max: usize, linger: Duration) -> Option<Vec<Delivery>>;
}
