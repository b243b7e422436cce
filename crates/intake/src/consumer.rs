//! The public queue: what other systems publish becomes requests, once each, and every publisher who asks for an
//! answer gets one.

mod options;
mod reading;
mod refusing;
mod taking;

use std::sync::Arc;

use habeas_ledger::Ledger;
use habeas_messages::queues;
use habeas_queue::{Consumer, Delivery, Queue, QueueError, QueueName, declare_at_start};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use options::IntakeOptions;

use crate::Reception;

/// Takes submissions from the queue `habeas.intake`. Cheap to clone.
#[derive(Clone)]
pub struct QueueIntake {
    ledger: Ledger,
    reception: Reception,
    queue: Arc<dyn Queue>,
    options: IntakeOptions,
}

impl QueueIntake {
    /// An intake that screens with `reception` and stores in `ledger`.
    pub fn new(ledger: Ledger, reception: Reception, queue: Arc<dyn Queue>, options: IntakeOptions) -> Self {
        Self { ledger, reception, queue, options }
    }

    /// Takes submissions until `drain` is cancelled. A group that is being taken then is taken to its end. The loss
    /// of the queue or of the state database is waited out; nothing is acknowledged before it is stored.
    ///
    /// # Errors
    /// [`QueueError`] when the broker refuses to declare the queue `habeas.intake`; while it is away, it is waited for.
    pub async fn run(self, drain: CancellationToken) -> Result<(), QueueError> {
        let name = QueueName::new(queues::INTAKE)?;
        tokio::select! {
            () = drain.cancelled() => return Ok(()),
            declared = declare_at_start(self.queue.as_ref(), std::slice::from_ref(&name)) => declared?,
        }
        let mut loops = JoinSet::new();
        for _ in 0..self.options.parallel.max(1) {
            loops.spawn(self.clone().work(name.clone(), drain.clone()));
        }
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(error = %error, "a loop of the intake panicked");
                if !drain.is_cancelled() {
                    self.pause(&drain).await;
                    loops.spawn(self.clone().work(name.clone(), drain.clone()));
                }
            }
        }
        Ok(())
    }

    /// Consumes, and consumes again when the consumer ended.
    async fn work(self, name: QueueName, drain: CancellationToken) {
        let prefetch = u16::try_from(self.options.group.saturating_mul(2)).unwrap_or(u16::MAX);
        while !drain.is_cancelled() {
            match self.queue.consume(&name, prefetch).await {
                Ok(consumer) => self.consume(consumer, &drain).await,
                Err(error) => tracing::warn!(queue = %name, error = %error, "cannot consume; trying again"),
            }
            self.pause(&drain).await;
        }
    }

    async fn consume(&self, mut consumer: Box<dyn Consumer>, drain: &CancellationToken) {
        loop {
            let next = tokio::select! {
                biased;
                () = drain.cancelled() => return,
                next = consumer.next_group(self.options.group, self.options.linger) => next,
            };
            let Some(group) = next else { return };
            if self.take(group).await == Taken::PutBack {
                self.pause(drain).await;
            }
        }
    }

    /// Takes one group: what can be read goes to the ledger in one transaction, the rest to the dead letters.
    async fn take(&self, group: Vec<Delivery>) -> Taken {
        let (readable, unreadable) = reading::sort_out(group, self.options.max_message_bytes);
        for (delivery, problem) in unreadable {
            self.refuse_unreadable(delivery, &problem).await;
        }
        if readable.is_empty() { Taken::Settled } else { self.take_readable(readable).await }
    }

    async fn pause(&self, drain: &CancellationToken) {
        tokio::select! {
            () = drain.cancelled() => {}
            () = tokio::time::sleep(self.options.pause) => {}
        }
    }
}

impl std::fmt::Debug for QueueIntake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueIntake").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// Every delivery got its decision.
    Settled,
    /// The state database took nothing; the deliveries are back in the queue.
    PutBack,
}
