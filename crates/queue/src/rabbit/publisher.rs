//! Publishing on a connection and a channel of its own.

use std::sync::Arc;

use lapin::{Channel, Connection, options::ConfirmSelectOptions};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
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
        let names = window.unroutable.iter().filter_map(|name| QueueName::new(name.as_str()).ok());
        names.into_iter().any(|name| self.topology.contains(&name))
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
        unless_blocked(&connection)?;
        let opened = self.open_on(&connection).await;
        if let Err(QueueError::TimedOut { .. }) = opened {
            self.link.discard(&connection).await;
        }
        Ok(Open { channel: opened?, connection })
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
        unless_blocked(&connection)?;
        let limit = self.options.call_timeout;
        let answered = async {
            let channel = call("open channel", limit, connection.create_channel()).await?;
            call("close channel", limit, channel.close(200, "ping".into())).await
        };
        let answered = answered.await;
        if let Err(QueueError::TimedOut { .. }) = answered {
            self.link.discard(&connection).await;
        }
        answered
    }
}

/// Under a memory or disk alarm the broker stops reading; waiting would only pile up what it does not read.
fn unless_blocked(connection: &Connection) -> Result<(), QueueError> {
    if connection.status().blocked() { Err(QueueError::Blocked) } else { Ok(()) }
}

fn all(outgoing: &[Outgoing], error: &PublishError) -> Vec<Result<(), PublishError>> {
    outgoing.iter().map(|_| Err(error.clone())).collect()
}
