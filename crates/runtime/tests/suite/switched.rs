//! A queue that a test can make fail, hold back, repeat and panic.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use habeas_queue::{
    Consumer, DeadLetter, Delivery, EmbeddedQueue, Message, PublishError, Queue, QueueError, QueueName,
};
use tokio::sync::Semaphore;

pub(crate) struct Switched {
    inner: EmbeddedQueue,
    /// How often it is declared in vain.
    pub(crate) away: AtomicUsize,
    /// What declaring it in vain says.
    pub(crate) refusal: fn() -> QueueError,
    /// Declines every message.
    pub(crate) refuses: AtomicBool,
    /// How often each message is published.
    pub(crate) copies: AtomicUsize,
    /// A permit lets one batch be confirmed.
    pub(crate) confirms: Semaphore,
    /// Batches that have arrived and are not confirmed yet.
    pub(crate) arrived: AtomicUsize,
    /// How often it panics when it is asked to publish.
    pub(crate) publish_panics: AtomicUsize,
    /// How many groups a consumer panics instead of giving.
    pub(crate) panics: Arc<AtomicUsize>,
}

impl Switched {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::at_rest())
    }

    /// A queue that is declared so often in vain, once a bed is made on it.
    pub(crate) fn saying(refusal: fn() -> QueueError) -> Arc<Self> {
        Arc::new(Self { refusal, ..Self::at_rest() })
    }

    fn at_rest() -> Self {
        Self {
            away: AtomicUsize::new(0),
            refusal: || QueueError::TimedOut { operation: "declare queue" },
            inner: EmbeddedQueue::default(),
            refuses: AtomicBool::new(false),
            copies: AtomicUsize::new(1),
            confirms: Semaphore::new(Semaphore::MAX_PERMITS / 2),
            arrived: AtomicUsize::new(0),
            publish_panics: AtomicUsize::new(0),
            panics: Arc::default(),
        }
    }
}

#[async_trait]
impl Queue for Switched {
    async fn declare(&self, queues: &[QueueName]) -> Result<(), QueueError> {
        if counts_down(&self.away) { Err((self.refusal)()) } else { self.inner.declare(queues).await }
    }

    async fn publish(&self, messages: Vec<(QueueName, Message)>) -> Vec<Result<(), PublishError>> {
        assert!(!counts_down(&self.publish_panics), "a queue that panics");
        if self.refuses.load(Ordering::SeqCst) {
            return messages.iter().map(|_| Err(PublishError::Refused)).collect();
        }
        let mut results = Vec::new();
        for _ in 0..self.copies.load(Ordering::SeqCst) {
            results = self.inner.publish(messages.clone()).await;
        }
        self.arrived.fetch_add(1, Ordering::SeqCst);
        self.confirms.acquire().await.unwrap().forget();
        results
    }

    async fn consume(&self, queue: &QueueName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        let inner = self.inner.consume(queue, prefetch).await?;
        Ok(Box::new(Nervous { inner, panics: Arc::clone(&self.panics) }))
    }

    async fn depth(&self, queue: &QueueName) -> Result<u64, QueueError> {
        self.inner.depth(queue).await
    }

    async fn count_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError> {
        self.inner.count_dead_letters(queue).await
    }

    async fn dead_letters(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.inner.dead_letters(queue, limit).await
    }

    async fn revive_dead_letters(&self, queue: &QueueName, limit: usize) -> Result<u64, QueueError> {
        self.inner.revive_dead_letters(queue, limit).await
    }

    async fn purge_dead_letters(&self, queue: &QueueName) -> Result<u64, QueueError> {
        self.inner.purge_dead_letters(queue).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.inner.ping().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

struct Nervous {
    inner: Box<dyn Consumer>,
    panics: Arc<AtomicUsize>,
}

#[async_trait]
impl Consumer for Nervous {
    async fn next_group(&mut self, max: usize, linger: Duration) -> Option<Vec<Delivery>> {
        let group = self.inner.next_group(max, linger).await;
        assert!(!counts_down(&self.panics), "a consumer that panics");
        group
    }
}

/// Whether there was one left.
fn counts_down(left: &AtomicUsize) -> bool {
    left.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}
