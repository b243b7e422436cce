//! One subscription on one channel, from its start to its loss.

use std::{pin::Pin, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use lapin::{
    Channel, Connection, Queue,
    message::Delivery,
    options::{BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions},
    types::{FieldTable, ShortString},
};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{QueueError, QueueName};

use super::{RabbitOptions, Shared, call::call, pump::Pump, topology};

/// A subscription. Dropping it closes its channel, and the broker gives everything unsettled to somebody else.
pub(super) struct Session {
    channel: Channel,
    deliveries: Pump,
    name: ShortString,
    options: Arc<RabbitOptions>,
    probe: Probe,
    /// Held by every unsettled delivery.
    held: Arc<()>,
}

/// Asking the broker from time to time whether it still knows us. Kept here, not in the waiting future, because a
/// caller that drops that future every second must not start the wait for an answer anew.
enum Probe {
    Due(Pin<Box<Sleep>>),
    Asked(BoxFuture<'static, Result<Queue, QueueError>>),
}

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Loss {
    /// The broker cancelled it, for example because the queue was deleted.
    #[error("the broker cancelled the subscription")]
    Cancelled,
    /// The channel or the connection broke.
    #[error("the channel or the connection broke")]
    Broken(#[source] lapin::Error),
    /// The broker did not answer the probe, or answered that nobody consumes the queue.
    #[error("the broker does not know the subscription any more")]
    Silent,
    /// Nothing came for an interval and nothing is unsettled, so it is made anew to be sure. The broker cannot be
    /// asked: 3.10 moves subscribers of a deleted queue to one declared again under the same name, counts them as
    /// consumers, and never delivers to them.
    #[error("idle")]
    Idle,
}

impl Loss {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Broken(_) => "broken",
            Self::Silent => "silent",
            Self::Idle => "idle",
        }
    }
}

impl Session {
    /// Declare the queue, which may have vanished with the broker's data, and subscribe.
    pub(super) async fn open(shared: &Shared, queue: &QueueName, prefetch: u16) -> Result<Self, QueueError> {
        let connection = shared.consuming.connection().await?;
        let opened = Self::open_on(&connection, &shared.options, queue, prefetch).await;
        if let Err(QueueError::TimedOut { .. }) = opened {
            shared.consuming.discard(&connection).await;
        }
        opened
    }

    async fn open_on(
        connection: &Connection,
        options: &Arc<RabbitOptions>,
        queue: &QueueName,
        prefetch: u16,
    ) -> Result<Self, QueueError> {
        topology::declare(connection, queue, options).await?;
        let limit = options.call_timeout;
        let name = ShortString::try_new(queue.as_str())
            .map_err(|_| QueueError::InvalidName { bytes: queue.as_str().len() })?;
        let channel = call("open channel", limit, connection.create_channel()).await?;
        call("prefetch", limit, channel.basic_qos(prefetch, BasicQosOptions::default())).await?;
        let (consume, none) = (BasicConsumeOptions::default(), FieldTable::default());
        let subscribing = channel.basic_consume(name.clone(), "".into(), consume, none);
        let consumer = call("consume", limit, subscribing).await?;
        let deliveries = Pump::start(consumer, queue.clone(), Arc::clone(options));
        let (options, probe) = (Arc::clone(options), Probe::due(options));
        Ok(Self { channel, deliveries, name, options, probe, held: Arc::default() })
    }

    /// The next delivery, or the reason why there will be none. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Delivery, Loss> {
        loop {
            tokio::select! {
                biased;
                item = self.deliveries.next() => {
                    return match item {
                        Some(Ok(delivery)) => {
                            self.probe.postpone(&self.options);
                            Ok(delivery)
                        }
                        Some(Err(error)) => Err(Loss::Broken(error)),
                        None => Err(Loss::Cancelled),
                    };
                }
                answer = self.probe.next() => self.probed(answer)?,
            }
        }
    }

    /// Keep this until the delivery is settled.
    pub(super) fn hold(&self) -> Arc<()> {
        Arc::clone(&self.held)
    }

    fn probed(&mut self, answer: Option<Result<Queue, QueueError>>) -> Result<(), Loss> {
        self.probe = match answer {
            None if Arc::strong_count(&self.held) == 1 => return Err(Loss::Idle),
            None => Probe::Asked(self.ask()),
            Some(Ok(queue)) if queue.consumer_count() > 0 => Probe::due(&self.options),
            Some(_) => return Err(Loss::Silent),
        };
        Ok(())
    }

    /// Look at the queue over the consumer's own channel. It publishes nothing: a connection that never published
    /// is not stopped by the broker's alarms, so that acknowledgements keep flowing.
    fn ask(&self) -> BoxFuture<'static, Result<Queue, QueueError>> {
        let (channel, name, limit) = (self.channel.clone(), self.name.clone(), self.options.call_timeout);
        async move {
            let passive = QueueDeclareOptions::durable().passive();
            call("probe", limit, channel.queue_declare(name, passive, FieldTable::default())).await
        }
        .boxed()
    }
}

impl Probe {
    fn due(options: &RabbitOptions) -> Self {
        Self::Due(Box::pin(sleep_until(Instant::now() + options.probe_interval)))
    }

    /// A delivery is as good as an answer.
    fn postpone(&mut self, options: &RabbitOptions) {
        if let Self::Due(sleep) = self {
            sleep.as_mut().reset(Instant::now() + options.probe_interval);
        }
    }

    /// `None` when it is time to ask, else the answer.
    async fn next(&mut self) -> Option<Result<Queue, QueueError>> {
        match self {
            Self::Due(sleep) => {
                sleep.await;
                None
            }
            Self::Asked(answer) => Some(answer.await),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let (channel, pump, limit) = (self.channel.clone(), self.deliveries.end(), self.options.call_timeout);
        let runtime = tokio::runtime::Handle::try_current();
        match runtime {
            Ok(runtime) if channel.status().connected() => drop(runtime.spawn(async move {
                // A channel that cannot be closed dies with its connection.
                let _ = call("close channel", limit, channel.close(200, "done".into())).await;
                pump.abort();
            })),
            _ => pump.abort(),
        }
    }
}
