//! A lane takes groups of announcements from one queue, claims the work, runs it, and only then acknowledges.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use habeas_domain::{WorkId, WorkerId};
use habeas_ledger::{Claimed, Ledger, LedgerError};
use habeas_messages::{Announcement, queues};
use habeas_queue::{Delivery, Queue, QueueName};
use tokio_util::sync::CancellationToken;

use crate::{RetryPolicy, Worker, group::Runner, rescuer::Found};

/// How one queue is worked on.
#[derive(Debug, Clone)]
pub struct LaneOptions {
    /// The queue.
    pub queue: String,
    /// How many pieces of work run together; never more than 250.
    pub group: usize,
    /// How long to wait for a group to fill once it has one, while work comes one by one.
    pub linger: Duration,
    /// The same while work comes in crowds, which the group before this one tells: what is done for a whole group is
    /// then done for more, and nobody waits for it who would not have waited for the processor.
    pub linger_in_crowd: Duration,
    /// How many groups run at once.
    pub parallel: usize,
    /// How long a claim holds without a heartbeat. A dead worker's work is free again after this.
    pub lease: Duration,
    /// When to try again.
    pub retry: RetryPolicy,
}

impl LaneOptions {
    /// Sensible values for a queue.
    pub fn new(queue: impl Into<String>) -> Self {
        Self {
            queue: queue.into(),
            group: 50,
            linger: Duration::from_millis(5),
            linger_in_crowd: Duration::from_millis(40),
            parallel: 2,
            lease: Duration::from_secs(6),
            retry: RetryPolicy::default(),
        }
    }

    fn linger_after(&self, group: usize) -> Duration {
        if group > 1 { self.linger_in_crowd.max(self.linger) } else { self.linger }
    }
}

/// One of a lane's parallel loops.
pub(crate) struct Lane {
    pub(crate) ledger: Ledger,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) worker: Arc<dyn Worker>,
    pub(crate) id: WorkerId,
    pub(crate) options: LaneOptions,
    /// What dead workers left.
    pub(crate) found: Found,
    /// Stops taking new groups.
    pub(crate) drain: CancellationToken,
    /// Ends what runs.
    pub(crate) abort: CancellationToken,
}

/// The most pieces of work of one group: a statement names every lease, and databases limit how much one can name.
pub(crate) const MOST_TOGETHER: usize = 250;

/// How long to wait before asking a queue again that could not be consumed.
const PAUSE: Duration = Duration::from_millis(500);

impl Lane {
    /// Works until drained. A panic of the lane itself, which its worker's are not, begins it anew.
    pub(crate) async fn run(self) {
        // A series that first appears with a 1 has not increased, and no alarm goes off.
        metrics::counter!("habeas_lane_panics_total", "lane" => self.options.queue.clone()).increment(0);
        while AssertUnwindSafe(self.consume_all()).catch_unwind().await.is_err() {
            tracing::error!(queue = %self.options.queue, "a lane panicked; it begins anew");
            metrics::counter!("habeas_lane_panics_total", "lane" => self.options.queue.clone()).increment(1);
            self.pause().await;
        }
    }

    async fn consume_all(&self) {
        let Ok(name) = QueueName::new(self.options.queue.clone()) else {
            tracing::error!(queue = %self.options.queue, "not a queue name; this lane does not run");
            return;
        };
        let prefetch = u16::try_from(self.group() * 2).unwrap_or(u16::MAX);
        while !self.drain.is_cancelled() {
            match self.queue.consume(&name, prefetch).await {
                Ok(consumer) => self.consume(consumer).await,
                Err(error) => {
                    tracing::warn!(queue = %name, error = %error, "cannot consume; trying again");
                    self.pause().await;
                }
            }
        }
    }

    fn group(&self) -> usize {
        self.options.group.clamp(1, MOST_TOGETHER)
    }

    async fn pause(&self) {
        tokio::select! {
            () = self.drain.cancelled() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }

    async fn consume(&self, mut consumer: Box<dyn habeas_queue::Consumer>) {
        let runner = Runner {
            ledger: self.ledger.clone(),
            worker: Arc::clone(&self.worker),
            options: self.options.clone(),
            drain: self.drain.clone(),
            abort: self.abort.clone(),
        };
        let mut linger = self.options.linger;
        loop {
            let next = tokio::select! {
                biased;
                () = self.drain.cancelled() => return,
                found = self.found.next() => {
                    self.rescue(&runner, &found).await;
                    continue;
                }
                next = consumer.next_group(self.group(), linger) => next,
            };
            let Some(deliveries) = next else { return };
            linger = self.options.linger_after(deliveries.len());
            self.work(&runner, deliveries).await;
        }
    }

    async fn work(&self, runner: &Runner, deliveries: Vec<Delivery>) {
        let (readable, ids) = sort_out(deliveries).await;
        let done = self.claim_and_run(runner, &ids).await.is_ok();
        fail::fail_point!("lane::before_ack");
        settle(readable, done).await;
        if !done {
            self.pause().await;
        }
    }

    /// Takes over what dead workers left, as far as nobody else has.
    async fn rescue(&self, runner: &Runner, found: &[WorkId]) {
        for group in found.chunks(self.group()) {
            if self.drain.is_cancelled() {
                return;
            }
            match self.claim_and_run(runner, group).await {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!(queue = %self.options.queue, count, "the work of a worker that is gone was taken over");
                    metrics::counter!("habeas_work_rescued_total", "queue" => self.options.queue.clone())
                        .increment(count as u64);
                }
                Err(_told) => return self.pause().await,
            }
        }
    }

    /// Claims as much of this as is due and unheld, and runs it to its end. Returns how much that was.
    async fn claim_and_run(&self, runner: &Runner, ids: &[WorkId]) -> Result<usize, LedgerError> {
        let claimed = self.ledger.claim(ids, self.id, self.options.lease).await.inspect_err(|error| {
            tracing::warn!(worker = self.worker.name(), error = %error, "nothing could be claimed");
        })?;
        fail::fail_point!("lane::claimed");
        let (own, strangers) = claimed.into_iter().partition::<Vec<_>, _>(|one| self.is_own(one));
        if !strangers.is_empty() {
            tracing::error!(queue = %self.options.queue, count = strangers.len(), "announced on a wrong queue");
            runner.hand_back(&strangers).await;
        }
        let count = own.len();
        if !own.is_empty() {
            runner.run(own).await;
        }
        Ok(count)
    }

    /// A task of one store must never run in another, whatever the message said that brought it here.
    fn is_own(&self, claimed: &Claimed) -> bool {
        queues::for_work(claimed.kind, claimed.store.as_ref()) == self.options.queue
    }
}

/// Dead-letters what cannot be read; the rest comes back with its ids, each id once.
async fn sort_out(deliveries: Vec<Delivery>) -> (Vec<Delivery>, Vec<WorkId>) {
    let mut readable = Vec::with_capacity(deliveries.len());
    let mut ids = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        match Announcement::decode(&delivery.message.body) {
            Ok(announcement) => {
                ids.push(announcement.id);
                readable.push(delivery);
            }
            Err(problem) => {
                tracing::warn!(%problem, "a message was dead-lettered");
                if let Err(error) = delivery.dead_letter(&problem.to_string()).await {
                    tracing::warn!(error = %error, "a message could not be dead-lettered; it comes back");
                }
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    (readable, ids)
}

/// Acknowledges or gives back. A failure is harmless: what comes again claims nothing.
async fn settle(deliveries: Vec<Delivery>, done: bool) {
    let settling = deliveries
        .into_iter()
        .map(|delivery| async move { if done { delivery.ack().await } else { delivery.requeue().await } });
    for result in futures::future::join_all(settling).await {
        if let Err(error) = result {
            tracing::debug!(error = %error, "an acknowledgement did not arrive");
        }
    }
}
