//! A consumer of an in-process queue.

use std::{pin::pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};

use crate::{Consumer, Delivery, Receipt, measure};

use super::{
    line::{Found, Line, Taken},
    settlement::EmbeddedSettlement,
};

pub(super) struct EmbeddedConsumer {
    line: Arc<Line>,
    number: u64,
    prefetch: usize,
    gathered: Vec<Delivery>,
}

impl EmbeddedConsumer {
    pub(super) fn new(line: Arc<Line>, prefetch: u16) -> Self {
        let number = line.enter();
        Self { line, number, prefetch: usize::from(prefetch.max(1)), gathered: Vec::new() }
    }

    /// Wait until at least one more delivery is gathered. False when the queue was closed.
    async fn gather(&mut self, target: usize) -> bool {
        let line = Arc::clone(&self.line);
        loop {
            let mut changed = pin!(line.changed.notified());
            // Listen first, then look, so that nothing that happens in between is missed.
            changed.as_mut().enable();
            match line.take(self.number, self.prefetch, target - self.gathered.len()) {
                Found::Closed => return false,
                Found::Some(taken) if taken.is_empty() => changed.await,
                Found::Some(taken) => {
                    let deliveries = taken.into_iter().map(|taken| self.delivery(taken));
                    self.gathered.extend(deliveries.collect::<Vec<_>>());
                    return true;
                }
            }
        }
    }

    fn delivery(&self, taken: Taken) -> Delivery {
        let redelivered = taken.attempts > 1;
        measure::delivered(&self.line.name, redelivered);
        let settlement = EmbeddedSettlement { line: Arc::clone(&self.line), ticket: taken.ticket };
        Delivery {
            message: taken.message,
            redelivered,
            attempts: taken.attempts,
            receipt: Receipt::new(self.line.name.clone(), Box::new(settlement)),
        }
    }
}

#[async_trait]
impl Consumer for EmbeddedConsumer {
    async fn next_group(&mut self, max: usize, linger: Duration) -> Option<Vec<Delivery>> {
        let target = max.clamp(1, self.prefetch);
        if self.gathered.is_empty() && !self.gather(target).await {
            return None;
        }
        let deadline = Instant::now() + linger;
        while self.gathered.len() < target {
            match timeout_at(deadline, self.gather(target)).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(_) => break,
            }
        }
        let later = self.gathered.split_off(target.min(self.gathered.len()));
        Some(std::mem::replace(&mut self.gathered, later))
    }
}

impl Drop for EmbeddedConsumer {
    fn drop(&mut self) {
        self.line.leave(self.number);
    }
}
