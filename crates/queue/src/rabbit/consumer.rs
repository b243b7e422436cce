//! A consumer that outlives its subscriptions.

use std::{error::Error, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{Consumer, Delivery, QueueError, QueueName, Receipt, measure};

use super::{
    Shared, properties,
    session::{Loss, Session},
    settlement::RabbitSettlement,
};

pub(super) struct RabbitConsumer {
    shared: Arc<Shared>,
    closed: watch::Receiver<bool>,
    queue: QueueName,
    prefetch: u16,
    session: Option<Session>,
    failures: u32,
    /// Whether the present spell of failures was logged: once is enough.
    told: bool,
    next_attempt: Instant,
    gathered: Vec<Delivery>,
}

impl RabbitConsumer {
    pub(super) fn new(shared: Arc<Shared>, queue: QueueName, prefetch: u16) -> Self {
        let closed = shared.closed.subscribe();
        let prefetch = prefetch.max(1);
        let (told, next_attempt) = (false, Instant::now());
        Self {
            shared,
            closed,
            queue,
            prefetch,
            session: None,
            failures: 0,
            told,
            next_attempt,
            gathered: Vec::new(),
        }
    }

    /// Gather one more delivery. False when the queue was closed.
    async fn gather(&mut self) -> bool {
        let mut closed = self.closed.clone();
        tokio::select! {
            biased;
            // An error means that the queue itself is gone, which is as good as closed.
            _ = closed.wait_for(|closed| *closed) => {
                self.session = None;
                self.gathered.clear();
                false
            }
            () = self.receive() => true,
        }
    }

    async fn receive(&mut self) {
        loop {
            let Some(session) = self.session.as_mut() else {
                self.subscribe().await;
                continue;
            };
            match session.next().await {
                Ok(delivery) => {
                    let held = session.hold();
                    let delivery = self.delivery(delivery, held);
                    return self.gathered.push(delivery);
                }
                Err(Loss::Idle) => self.session = None,
                Err(loss) => self.lose(&loss),
            }
        }
    }

    /// One attempt, after the pause that earlier failures ask for.
    async fn subscribe(&mut self) {
        sleep_until(self.next_attempt).await;
        match Session::open(&self.shared, &self.queue, self.prefetch).await {
            Ok(session) => {
                if std::mem::take(&mut self.failures) > 0 {
                    tracing::info!(queue = %self.queue, "consuming again");
                }
                self.told = false;
                self.session = Some(session);
            }
            Err(QueueError::Closed) => self.pause(),
            Err(error) => {
                if !std::mem::replace(&mut self.told, true) {
                    tracing::warn!(queue = %self.queue, error = &error as &dyn Error, "cannot consume, trying on");
                }
                self.pause();
            }
        }
    }

    fn pause(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.next_attempt = Instant::now() + self.shared.options.backoff.random_pause(self.failures);
    }

    /// What was gathered from the lost subscription can no longer be settled and comes again.
    fn lose(&mut self, loss: &Loss) {
        measure::consumer_lost(&self.queue, loss.name());
        tracing::warn!(queue = %self.queue, error = loss as &dyn Error, "subscription lost, subscribing again");
        self.session = None;
        self.gathered.clear();
        self.pause();
    }

    fn delivery(&self, delivery: lapin::message::Delivery, held: Arc<()>) -> Delivery {
        measure::delivered(&self.queue, delivery.redelivered);
        let attempts = properties::attempts(&delivery);
        let lapin::message::Delivery { redelivered, properties, data, acker, .. } = delivery;
        let settlement = RabbitSettlement {
            shared: Arc::clone(&self.shared),
            queue: self.queue.clone(),
            acker,
            _held: held,
            kept: Duration::ZERO,
        };
        Delivery {
            message: properties::message(&properties, data),
            redelivered,
            attempts,
            receipt: Receipt::new(self.queue.clone(), Box::new(settlement)),
        }
    }
}

#[async_trait]
impl Consumer for RabbitConsumer {
    async fn next_group(&mut self, max: usize, linger: Duration) -> Option<Vec<Delivery>> {
        let target = max.clamp(1, usize::from(self.prefetch));
        // Again when the subscription was lost while gathering, and all that was gathered with it.
        while self.gathered.is_empty() {
            if !self.gather().await {
                return None;
            }
            let deadline = Instant::now() + linger;
            while self.gathered.len() < target {
                match timeout_at(deadline, self.gather()).await {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(_) => break,
                }
            }
        }
        let later = self.gathered.split_off(target.min(self.gathered.len()));
        Some(std::mem::replace(&mut self.gathered, later))
    }
}
