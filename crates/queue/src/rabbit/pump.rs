//! Taking deliveries out of the library as they arrive, whether or not anybody waits for one.
//!
//! The broker sends up to `prefetch` messages ahead, and the library keeps them all in memory, whatever their size. Nobody
//! waits for deliveries while a group is being stored, so what is too large has to be given up here: at any time at most one
//! such body is whole in memory.

use std::sync::Arc;

use futures::StreamExt;
use lapin::{Consumer, message::Delivery, options::BasicRejectOptions};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::AbortHandle,
    time::timeout,
};

use crate::{QueueName, measure};

use super::RabbitOptions;

/// The deliveries of a subscription that are not too large. As many as the prefetch at most wait here.
pub(super) struct Pump {
    arrived: UnboundedReceiver<Result<Delivery, lapin::Error>>,
    task: AbortHandle,
}

impl Pump {
    pub(super) fn start(from: Consumer, queue: QueueName, options: Arc<RabbitOptions>) -> Self {
        let (to, arrived) = unbounded_channel();
        let task = tokio::spawn(pump(from, to, queue, options)).abort_handle();
        Self { arrived, task }
    }

    /// The next one; nothing once the subscription has ended. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Result<Delivery, lapin::Error>> {
        self.arrived.recv().await
    }

    /// What ends it. The subscription ends with it, so its channel is to be closed first.
    pub(super) fn end(&self) -> AbortHandle {
        self.task.clone()
    }
}

async fn pump(
    mut from: Consumer,
    to: UnboundedSender<Result<Delivery, lapin::Error>>,
    queue: QueueName,
    options: Arc<RabbitOptions>,
) {
    while let Some(item) = from.next().await {
        match item {
            Ok(delivery) if delivery.data.len() > options.max_message_bytes => {
                reject(delivery, &queue, &options).await;
            }
            // Nobody listens any more: the broker gives it to somebody else when the channel closes.
            item => drop(to.send(item)),
        }
    }
}

/// Rejecting makes the broker move it to the dead letters: the body does not travel through us again.
async fn reject(delivery: Delivery, queue: &QueueName, options: &RabbitOptions) {
    measure::oversized(queue);
    let Delivery { data, acker, .. } = delivery;
    tracing::warn!(queue = %queue, bytes = data.len(), "oversized message given up");
    drop(data);
    let rejecting = acker.reject(BasicRejectOptions { requeue: false });
    // When it cannot be sent, the channel is gone and the message comes again.
    let _ = timeout(options.call_timeout, rejecting).await;
}
