//! What the faults share.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use habeas_queue::{Backoff, Consumer, Delivery, Message, Queue, QueueName, RabbitOptions, RabbitQueue};
use habeas_test_support::wait;
use tokio::time::timeout;

/// Longer than anything that is expected to happen, the start of a broker included.
pub(crate) const IN_TIME: Duration = Duration::from_mins(2);

pub(crate) fn name(name: &str) -> QueueName {
    QueueName::new(name).unwrap()
}

/// Options that notice and retry quickly.
pub(crate) fn quick(url: &str) -> Result<RabbitOptions> {
    let mut options = RabbitOptions::new(url)?;
    options.backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_millis(500) };
    options.probe_interval = Duration::from_millis(500);
    // A broker that was just started, or whose disk is busy, takes seconds to make a queue or to confirm.
    options.call_timeout = Duration::from_secs(10);
    options.connect_timeout = Duration::from_secs(10);
    options.publish_timeout = Duration::from_secs(10);
    Ok(options)
}

pub(crate) fn rabbit(url: &str) -> Result<Arc<RabbitQueue>> {
    Ok(Arc::new(RabbitQueue::new(quick(url)?)))
}

/// Publish one message until it is confirmed.
pub(crate) async fn insist(queue: &dyn Queue, to: &QueueName, id: &str) -> Result<()> {
    wait::ok(format!("{id} to be confirmed"), IN_TIME, || async {
        let message = (to.clone(), Message::new(id, id.to_owned()));
        Ok(queue.publish(vec![message]).await.remove(0)?)
    })
    .await
}

/// The next delivery.
pub(crate) async fn one(consumer: &mut dyn Consumer) -> Result<Delivery> {
    let next = consumer.next_group(1, Duration::ZERO);
    timeout(IN_TIME, next)
        .await
        .context("no delivery came")?
        .context("the consumer ended")?
        .pop()
        .context("empty")
}

/// Acknowledge deliveries until the one with this id came; others are repeats of earlier ones.
pub(crate) async fn ack_until(consumer: &mut dyn Consumer, id: &str) -> Result<()> {
    loop {
        let delivery = one(consumer).await?;
        let found = delivery.message.id == id;
        let acked = delivery.ack().await;
        if found && acked.is_ok() {
            return Ok(());
        }
    }
}
