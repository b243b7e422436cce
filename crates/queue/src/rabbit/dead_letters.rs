//! Looking at dead letters and bringing them back.

use std::sync::Arc;

use lapin::{
    Acker, Channel, Connection,
    message::BasicGetMessage,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, QueuePurgeOptions},
    types::ShortString,
};

use crate::{DeadLetter, QueueError, QueueName};

use super::{
    Shared,
    call::{call, unknown},
    properties,
};

/// How many letters are brought back in one window, so that a long list is not held in memory.
const REVIVED_AT_ONCE: usize = 100;

/// A channel on the dead letters of a queue. What it has fetched and not acknowledged goes back when it closes.
struct Graveyard {
    shared: Arc<Shared>,
    channel: Channel,
    name: ShortString,
}

impl Graveyard {
    async fn enter(
        shared: &Arc<Shared>,
        connection: &Connection,
        queue: &QueueName,
    ) -> Result<Self, QueueError> {
        let name = ShortString::try_new(queue.dead_letters())
            .map_err(|_| QueueError::InvalidName { bytes: queue.as_str().len() })?;
        let opening = connection.create_channel();
        let channel = call("open channel", shared.options.call_timeout, opening).await?;
        Ok(Self { shared: Arc::clone(shared), channel, name })
    }

    async fn fetch(&self) -> Result<Option<BasicGetMessage>, QueueError> {
        let fetching = self.channel.basic_get(self.name.clone(), BasicGetOptions::default());
        call("fetch", self.shared.options.call_timeout, fetching).await.map_err(unknown(self.name.as_str()))
    }

    /// Give back everything up to and including this letter. Closing the channel would do the same, but the queue
    /// may hear of that only after somebody else has looked.
    async fn give_back(&self, last: Acker) -> Result<(), QueueError> {
        let giving = last.nack(BasicNackOptions { multiple: true, requeue: true });
        call("give back", self.shared.options.call_timeout, giving).await.map(|_sent| ())
    }

    async fn leave(self) -> Result<(), QueueError> {
        let closing = self.channel.close(200, "seen".into());
        call("close channel", self.shared.options.call_timeout, closing).await
    }
}

/// List without loss: fetch, note, and give back. Bodies are dropped one by one.
pub(super) async fn list(
    shared: &Arc<Shared>,
    queue: &QueueName,
    limit: usize,
) -> Result<Vec<DeadLetter>, QueueError> {
    let connection = shared.consuming.connection().await?;
    let graveyard = Graveyard::enter(shared, &connection, queue).await?;
    let (mut letters, mut last) = (Vec::new(), None);
    while letters.len() < limit
        && let Some(letter) = graveyard.fetch().await?
    {
        letters.push(listed(&letter, shared.options.max_message_bytes));
        last = Some(letter.delivery.acker);
    }
    if let Some(last) = last {
        graveyard.give_back(last).await?;
    }
    graveyard.leave().await?;
    Ok(letters)
}

fn listed(letter: &BasicGetMessage, limit: usize) -> DeadLetter {
    let (reason, bytes) = (properties::reason(&letter.properties), letter.data.len());
    // All that the broker says is that we rejected it, which we do for one reason.
    let too_large = reason == properties::REJECTED && bytes > limit;
    DeadLetter {
        id: letter.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default(),
        reason: if too_large { format!("{bytes} bytes; at most {limit} are read") } else { reason },
        bytes,
    }
}

/// Publish copies to the queue and acknowledge the letters whose copy was confirmed.
pub(super) async fn revive(shared: &Arc<Shared>, queue: &QueueName, limit: usize) -> Result<u64, QueueError> {
    let connection = shared.consuming.connection().await?;
    let graveyard = Graveyard::enter(shared, &connection, queue).await?;
    let mut revived = 0;
    while revived < limit {
        let window = (limit - revived).min(REVIVED_AT_ONCE);
        let count = revive_window(&graveyard, queue, window).await?;
        revived += count;
        if count < window {
            break;
        }
    }
    graveyard.leave().await?;
    Ok(revived as u64)
}

async fn revive_window(graveyard: &Graveyard, queue: &QueueName, most: usize) -> Result<usize, QueueError> {
    let (mut copies, mut ackers) = (Vec::new(), Vec::new());
    while ackers.len() < most
        && let Some(letter) = graveyard.fetch().await?
    {
        let lapin::message::Delivery { properties, data, acker, .. } = letter.delivery;
        let message = properties::message(&properties, data);
        // One that is too large to publish stays where it is.
        if let Ok(copy) = graveyard.shared.publisher.prepare(queue.as_str(), message, None) {
            copies.push(copy);
            ackers.push(acker);
        }
    }
    let confirmed = graveyard.shared.publisher.publish(&copies).await;
    let mut count = 0;
    for (acker, copied) in ackers.iter().zip(confirmed) {
        if copied.is_ok() {
            let acking = acker.ack(BasicAckOptions::default());
            call("acknowledge", graveyard.shared.options.call_timeout, acking).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Destroy all of them.
pub(super) async fn purge(shared: &Arc<Shared>, queue: &QueueName) -> Result<u64, QueueError> {
    let connection = shared.consuming.connection().await?;
    let graveyard = Graveyard::enter(shared, &connection, queue).await?;
    let purging = graveyard.channel.queue_purge(graveyard.name.clone(), QueuePurgeOptions::default());
    let count = call("purge", shared.options.call_timeout, purging)
        .await
        .map_err(unknown(graveyard.name.as_str()))?;
    graveyard.leave().await?;
    Ok(u64::from(count))
}
