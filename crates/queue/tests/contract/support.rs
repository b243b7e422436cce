//! What the cases share.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use habeas_queue::{
    Consumer, Delivery, EmbeddedOptions, EmbeddedQueue, Message, Queue, QueueName, RabbitOptions, RabbitQueue,
};
use tokio::time::timeout;

/// The largest body in these tests.
pub(crate) const LARGEST: usize = 4096;

/// Longer than anything that is expected to happen.
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// How long a test watches that something does not happen.
pub(crate) const A_WHILE: Duration = Duration::from_millis(300);

pub(crate) fn embedded() -> Arc<dyn Queue> {
    Arc::new(EmbeddedQueue::new(EmbeddedOptions { max_message_bytes: LARGEST, ..EmbeddedOptions::default() }))
}

pub(crate) fn rabbit(url: &str) -> Result<Arc<dyn Queue>> {
    let mut options = RabbitOptions::new(url)?;
    options.max_message_bytes = LARGEST;
    Ok(Arc::new(RabbitQueue::new(options)))
}

pub(crate) fn name(name: &str) -> QueueName {
    QueueName::new(name).unwrap()
}

/// A declared queue.
pub(crate) async fn declared(queue: &dyn Queue, of: &str) -> Result<QueueName> {
    let of = name(of);
    queue.declare(std::slice::from_ref(&of)).await?;
    Ok(of)
}

/// Messages `first..first + count`, their number both id and body.
pub(crate) fn numbered(to: &QueueName, first: usize, count: usize) -> Vec<(QueueName, Message)> {
    (first..first + count).map(|n| (to.clone(), Message::json(n.to_string(), n.to_string()))).collect()
}

/// Publish numbered messages; all must be confirmed.
pub(crate) async fn fill(queue: &dyn Queue, to: &QueueName, count: usize) -> Result<()> {
    for result in queue.publish(numbered(to, 0, count)).await {
        result?;
    }
    Ok(())
}

/// The next group of up to `max`, without lingering; it must come soon.
pub(crate) async fn group(consumer: &mut dyn Consumer, max: usize) -> Result<Vec<Delivery>> {
    let next = consumer.next_group(max, Duration::ZERO);
    timeout(SOON, next).await.context("no delivery came")?.context("the consumer ended")
}

/// The next single delivery.
pub(crate) async fn one(consumer: &mut dyn Consumer) -> Result<Delivery> {
    group(consumer, 1).await?.pop().context("an empty group")
}

/// Exactly `count` deliveries, in as many groups as it takes.
pub(crate) async fn exactly(consumer: &mut dyn Consumer, count: usize) -> Result<Vec<Delivery>> {
    let mut deliveries = Vec::new();
    while deliveries.len() < count {
        deliveries.extend(group(consumer, count - deliveries.len()).await?);
    }
    Ok(deliveries)
}

/// Nothing comes for a while.
pub(crate) async fn nothing(consumer: &mut dyn Consumer) -> bool {
    timeout(A_WHILE, consumer.next_group(100, Duration::ZERO)).await.is_err()
}

/// The ids of deliveries.
pub(crate) fn ids(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| delivery.message.id.clone()).collect()
}

/// Wait until the queue is this deep.
pub(crate) async fn depth_becomes(queue: &dyn Queue, of: &QueueName, depth: u64) -> Result<()> {
    let what = format!("{of} to hold {depth}");
    habeas_test_support::wait::until(what, SOON, || async { queue.depth(of).await.is_ok_and(|d| d == depth) })
        .await
}
