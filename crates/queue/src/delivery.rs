//! A delivery and the one decision that ends it.

use std::fmt;

use async_trait::async_trait;

use crate::{AckError, Message, QueueName, measure};

/// A message handed to a consumer. It must be settled once, by one of the three methods; when it is dropped instead,
/// it goes back to its queue.
#[derive(Debug)]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// Whether it may have been delivered before. False is a promise, true is a warning.
    pub redelivered: bool,
    /// How often it was delivered, this time included, as far as the back end knows. The ledger keeps the count
    /// that decides on retries; this one only tells a poisonous message from a fresh one.
    pub attempts: u32,
    /// The right to settle it, for callers that want to take the message out.
    pub receipt: Receipt,
}

impl Delivery {
    /// It is done: the queue may forget it. Call it after the commit of the work.
    ///
    /// # Errors
    /// Any [`AckError`]: it will be delivered again.
    pub async fn ack(self) -> Result<(), AckError> {
        self.receipt.ack().await
    }

    /// Give it back, to be delivered again at once.
    ///
    /// # Errors
    /// Any [`AckError`]: it goes back anyway.
    pub async fn requeue(self) -> Result<(), AckError> {
        self.receipt.requeue().await
    }

    /// Give it up: it moves to the dead letters. `reason` is shown to ops, so it names a kind of error and never
    /// holds a value out of the message. It is cut after 255 bytes.
    ///
    /// # Errors
    /// Any [`AckError`]: it will be delivered again, and after a while where the dead letters took nothing.
    pub async fn dead_letter(self, reason: &str) -> Result<(), AckError> {
        self.receipt.dead_letter(self.message, reason).await
    }
}

/// Acknowledge a whole group at once. One result per delivery, in order.
pub async fn ack_all(group: Vec<Delivery>) -> Vec<Result<(), AckError>> {
    futures::future::join_all(group.into_iter().map(Delivery::ack)).await
}

/// The right to settle one delivery.
pub struct Receipt {
    queue: QueueName,
    settlement: Option<Box<dyn Settlement>>,
}

impl Receipt {
    pub(crate) fn new(queue: QueueName, settlement: Box<dyn Settlement>) -> Self {
        Self { queue, settlement: Some(settlement) }
    }

    /// See [`Delivery::ack`].
    ///
    /// # Errors
    /// Any [`AckError`].
    pub async fn ack(self) -> Result<(), AckError> {
        self.settle(Decision::Ack).await
    }

    /// See [`Delivery::requeue`].
    ///
    /// # Errors
    /// Any [`AckError`].
    pub async fn requeue(self) -> Result<(), AckError> {
        self.settle(Decision::Requeue).await
    }

    /// See [`Delivery::dead_letter`]. `message` is what will be kept.
    ///
    /// # Errors
    /// Any [`AckError`].
    pub async fn dead_letter(self, message: Message, reason: &str) -> Result<(), AckError> {
        let reason = reason.get(..reason.floor_char_boundary(255)).unwrap_or_default().to_owned();
        self.settle(Decision::DeadLetter { message, reason }).await
    }

    async fn settle(mut self, decision: Decision) -> Result<(), AckError> {
        let name = decision.name();
        let Some(settlement) = self.settlement.as_mut() else { return Err(AckError::Stale) };
        let settled = settlement.settle(decision).await;
        measure::settled(&self.queue, settled.as_ref().map_or_else(AckError::outcome, |()| name));
        if settled.is_ok() {
            self.settlement = None;
        }
        settled
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(settlement) = self.settlement.take() {
            settlement.abandon();
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("queue", &self.queue).finish_non_exhaustive()
    }
}

/// How a delivery ends.
pub(crate) enum Decision {
    Ack,
    Requeue,
    DeadLetter { message: Message, reason: String },
}

impl Decision {
    fn name(&self) -> &'static str {
        match self {
            Self::Ack => "ack",
            Self::Requeue => "requeue",
            Self::DeadLetter { .. } => "dead_letter",
        }
    }
}

/// What a back end does with a decision.
#[async_trait]
pub(crate) trait Settlement: Send + Sync {
    /// Carry it out.
    async fn settle(&mut self, decision: Decision) -> Result<(), AckError>;

    /// The delivery was dropped unsettled, or settling failed: let it go back to its queue.
    fn abandon(self: Box<Self>);
}
