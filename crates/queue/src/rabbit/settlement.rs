//! Settling a delivery of the broker.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lapin::{
    Acker, Error,
    options::{BasicAckOptions, BasicNackOptions},
};
use tokio::time::{sleep, timeout};

use crate::{
    AckError, Message, QueueName,
    delivery::{Decision, Settlement},
};

use super::Shared;

pub(super) struct RabbitSettlement {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: QueueName,
    pub(super) acker: Acker,
    /// Tells the subscription that something is unsettled, for as long as it lives.
    pub(super) _held: Arc<()>,
    /// For how long it is kept before it goes back by itself.
    pub(super) kept: Duration,
}

const BACK_TO_THE_QUEUE: BasicNackOptions = BasicNackOptions { multiple: false, requeue: true };

impl RabbitSettlement {
    async fn send(&self, sending: impl Future<Output = Result<bool, Error>>) -> Result<(), AckError> {
        match timeout(self.shared.options.call_timeout, sending).await {
            Ok(Ok(true)) => Ok(()),
            // The library says `false` when the channel is gone, and an error when it went just now.
            Ok(Ok(false) | Err(_)) => Err(AckError::Stale),
            Err(_) => Err(AckError::TimedOut),
        }
    }

    /// First the copy with the reason, confirmed; then the acknowledgement. A crash between the two leaves a dead
    /// letter and a delivery, never neither.
    async fn bury(&mut self, message: Message, reason: &str) -> Result<(), AckError> {
        if !self.acker.usable() {
            return Err(AckError::Stale);
        }
        let copied = match self.shared.publisher.prepare(&self.queue.dead_letters(), message, Some(reason)) {
            Ok(copy) => self.shared.publisher.publish(&[copy]).await.pop().unwrap_or(Ok(())),
            Err(error) => Err(error),
        };
        if let Err(source) = copied {
            // It would come again at once and fail again at once, for as long as an alarm of the broker lasts.
            self.kept = self.shared.options.backoff.longest;
            return Err(AckError::DeadLetter { source });
        }
        self.send(self.acker.ack(BasicAckOptions::default())).await
    }
}

#[async_trait]
impl Settlement for RabbitSettlement {
    async fn settle(&mut self, decision: Decision) -> Result<(), AckError> {
        match decision {
            Decision::Ack => self.send(self.acker.ack(BasicAckOptions::default())).await,
            Decision::Requeue => self.send(self.acker.nack(BACK_TO_THE_QUEUE)).await,
            Decision::DeadLetter { message, reason } => self.bury(message, &reason).await,
        }
    }

    fn abandon(self: Box<Self>) {
        if !self.acker.usable() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                sleep(self.kept).await;
                // When this fails the channel is gone, and with it the broker gave the message back already.
                let _ = self.send(self.acker.nack(BACK_TO_THE_QUEUE)).await;
            });
        }
    }
}
