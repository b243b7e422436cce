//! Publishing on a connection and a channel of its own.

use std::{sync::Arc, time::Duration};

use lapin::{Channel, Connection, options::ConfirmSelectOptions};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout_at},
};

use crate::{Message, PublishError, QueueError, QueueName, measure};

use super::{
    RabbitOptions,
    call::call,
    link::Link,
    properties,
    topology::{self, Topology},
    window::{Outgoing, Window},
};

/// How often a call looks whether an alarm has begun meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Sends windows of messages, one window at a time.
pub(super) struct Publisher {
    pub(super) link: Link,
    options: Arc<RabbitOptions>,
    topology: Arc<Topology>,
    /// Taken out while a window runs and put back when everything was answered, so that no window, even one whose
    /// future was dropped, leaves its answers to the next.
    open: Mutex<Option<Open>>,
}

struct Open {
    connection: Arc<Connection>,
    channel: Channel,
}

impl Publisher {
    pub(super) fn new(options: Arc<RabbitOptions>, topology: Arc<Topology>) -> Self {
        let link = Link::new("publish", Arc::clone(&options));
        Self { link, options, topology, open: Mutex::default() }
    }

    /// Prepare a message. `reason` is given for a dead letter.
    pub(super) fn prepare(
        &self,
        queue: &str,
        message: Message,
        reason: Option<&str>,
    ) -> Result<Outgoing, PublishError> {
        let (bytes, limit) = (message.body.len(), self.options.max_message_bytes);
        if bytes > limit {
            return Err(PublishError::TooLarge { bytes, limit });
        }
        let mut properties = properties::outgoing(&message)?;
        if let Some(reason) = reason {
            properties = properties::with_reason(properties, reason);
        }
        let routing_key = lapin::types::ShortString::try_new(queue)
            .map_err(|_| PublishError::InvalidProperty { field: "queue" })?;
        Ok(Outgoing { routing_key, properties, body: message.body })
    }

    /// Publish a window. One result per message, in order.
    pub(super) async fn publish(&self, outgoing: &[Outgoing]) -> Vec<Result<(), PublishError>> {
        let started = Instant::now();
        let deadline = started + self.options.publish_timeout;
        let results = match timeout_at(deadline, self.open.lock()).await {
            Ok(mut open) => self.publish_with(&mut open, outgoing, deadline).await,
            Err(_) => all(outgoing, &PublishError::TimedOut),
        };
        measure::published_window(started.elapsed());
        results
    }

    async fn publish_with(
        &self,
        slot: &mut Option<Open>,
        outgoing: &[Outgoing],
        deadline: Instant,
    ) -> Vec<Result<(), PublishError>> {
        let open = match timeout_at(deadline, self.ready(slot.take())).await {
            Ok(Ok(open)) => open,
            Ok(Err(error)) => return all(outgoing, &error.into()),
            Err(_) => return all(outgoing, &PublishError::TimedOut),
        };
        let window = Window::run(&open.channel, outgoing, deadline).await;
        if window.is_complete() {
            // When a queue of ours was not found, the next window starts anew and declares it again.
            *slot = Some(open).filter(|_| !self.misses_ours(&window));
        } else if !open.connection.status().blocked() {
            self.link.discard(&open.connection).await;
        }
        window.results
    }

    fn misses_ours(&self, window: &Window) -> bool {
        window.unroutable.iter().any(|name| self.topology.makes(name.as_str()))
    }

    /// A channel in confirm mode, on a connection on which our queues are known to exist.
    async fn ready(&self, open: Option<Open>) -> Result<Open, QueueError> {
        if let Some(open) = open
            && open.connection.status().connected()
            && open.channel.status().connected()
        {
            return unless_blocked(&open.connection).map(|()| open);
        }
        let connection = self.link.connection().await?;
        let channel = self.answer(&connection, self.open_on(&connection)).await?;
        Ok(Open { connection, channel })
    }

    /// Makes sure that a queue exists, over the connection that publishes.
    pub(super) async fn declare(&self, queue: &QueueName) -> Result<(), QueueError> {
        let connection = self.link.connection().await?;
        self.answer(&connection, topology::declare(&connection, queue, &self.options)).await
    }

    /// What the broker answers over this connection, or that an alarm keeps it from answering. A connection on which an answer
    /// is late is given up; not so a blocked one: a new one would not know of the alarm before another publish hangs.
    async fn answer<T>(
        &self,
        connection: &Arc<Connection>,
        asking: impl Future<Output = Result<T, QueueError>>,
    ) -> Result<T, QueueError> {
        let answer = tokio::select! {
            biased;
            () = until_blocked(connection) => Err(QueueError::Blocked),
            answer = asking => answer,
        };
        if let Err(QueueError::TimedOut { .. }) = answer {
            self.link.discard(connection).await;
        }
        answer
    }

    async fn open_on(&self, connection: &Connection) -> Result<Channel, QueueError> {
        for queue in self.topology.all() {
            match topology::declare(connection, &queue, &self.options).await {
                // One queue that cannot be made must not hold up the others; its own messages will be unroutable.
                Err(error @ QueueError::Refused { .. }) => {
                    tracing::warn!(queue = %queue, error = &error as &dyn std::error::Error, "queue not declared");
                }
                other => other?,
            }
        }
        let limit = self.options.call_timeout;
        let channel = call("open channel", limit, connection.create_channel()).await?;
        call("confirm mode", limit, channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(channel)
    }

    /// Whether a message could be handed over now.
    pub(super) async fn ping(&self) -> Result<(), QueueError> {
        let connection = self.link.connection().await?;
        let limit = self.options.call_timeout;
        let asking = async {
            let channel = call("open channel", limit, connection.create_channel()).await?;
            call("close channel", limit, channel.close(200, "ping".into())).await
        };
        self.answer(&connection, asking).await
    }
}

/// Under a memory or disk alarm the broker stops reading; waiting would only pile up what it does not read.
fn unless_blocked(connection: &Connection) -> Result<(), QueueError> {
    if connection.status().blocked() { Err(QueueError::Blocked) } else { Ok(()) }
}

/// Waits until the broker has said that it reads nothing more from this connection. Then the client library writes nothing
/// more either, and a call that was made a moment before would wait for its whole limit.
async fn until_blocked(connection: &Connection) {
    // The library tells its events to one listener alone, and several calls may wait here.
    while !connection.status().blocked() {
        sleep(LOOK_EVERY).await;
    }
}

fn all(outgoing: &[Outgoing], error: &PublishError) -> Vec<Result<(), PublishError>> {
    outgoing.iter().map(|_| Err(error.clone())).collect()
}
