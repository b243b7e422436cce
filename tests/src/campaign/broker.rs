//! The broker is killed again and again while messages are published and consumed.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use habeas_queue::{Backoff, Message, Queue, QueueName, RabbitOptions, RabbitQueue};
use habeas_test_support::{RabbitMq, wait};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

const WINDOW: usize = 250;

/// Longer than anything that is expected to happen, the start of a broker included.
const IN_TIME: Duration = Duration::from_mins(2);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Messages that were published until they were confirmed.
    pub published: usize,
    /// Kills of the broker.
    pub kills: usize,
    /// Messages that were published again because nobody had confirmed them.
    pub repeated: usize,
    /// Confirmed, and never delivered.
    pub lost: usize,
    /// Delivered and acknowledged more than once: what the inbox absorbs.
    pub again: usize,
}

impl Report {
    /// The figures.
    pub fn figures(&self) -> Value {
        let Self { published, kills, repeated, lost, again } = self;
        json!({
            "attempted": published, "acknowledged": published, "kills": kills, "published_again": repeated,
            "lost": lost, "delivered_again": again,
        })
    }
}

/// What happened to the messages so far.
struct Tally {
    confirmed: watch::Sender<usize>,
    /// Publishing rests once so many are confirmed.
    rest_at: watch::Sender<usize>,
    repeated: AtomicUsize,
    seen: AtomicUsize,
}

/// Publishes so many messages over so many kills, evenly spread.
pub async fn run(messages: usize, kills: usize) -> Result<Report> {
    let broker = RabbitMq::start().await?;
    let (queue, work) = (rabbit(&broker)?, QueueName::new("work")?);
    queue.declare(std::slice::from_ref(&work)).await?;
    let tally = Arc::new(Tally {
        confirmed: watch::Sender::new(0),
        rest_at: watch::Sender::new(messages),
        repeated: AtomicUsize::new(0),
        seen: AtomicUsize::new(0),
    });
    let (done, watching) = watch::channel(false);
    let consuming = consume_all(Arc::clone(&queue), work.clone(), watching, Arc::clone(&tally));
    let publishing = publish_all(Arc::clone(&queue), work, messages, Arc::clone(&tally));
    for kill in 1..=kills {
        let reached = kill * messages / (kills + 1);
        tally.rest_at.send_replace(reached);
        tally.reaches(reached).await.with_context(|| state_of(&broker))?;
        // Each restart writes the register of queues anew, and behind; a queue that is not in it is down for good.
        broker.settle()?;
        // The next window tells that publishing is under way again: the kill hits the one after it.
        let before = *tally.confirmed.borrow();
        tally.rest_at.send_replace(messages);
        tally.reaches(before + 1).await.with_context(|| state_of(&broker))?;
        broker.restart().await?;
    }
    publishing.await?;
    let all_seen = || async { tally.seen.load(Ordering::SeqCst) == messages };
    let arrived = wait::until("everything to arrive", IN_TIME, all_seen).await;
    done.send_replace(true);
    let counts = consuming.await??;
    let lost = messages - counts.len();
    if lost == 0 {
        arrived?;
    }
    let again = counts.values().filter(|count| **count > 1).count();
    let repeated = tally.repeated.load(Ordering::SeqCst);
    Ok(Report { published: messages, kills, repeated, lost, again })
}

impl Tally {
    /// Returns as soon as so many are confirmed.
    async fn reaches(&self, count: usize) -> Result<()> {
        let mut confirmed = self.confirmed.subscribe();
        let reached = timeout(IN_TIME, confirmed.wait_for(|confirmed| *confirmed >= count)).await;
        reached.with_context(|| format!("waiting for {count} confirms"))??;
        Ok(())
    }

    /// Returns as soon as there is reason to publish more.
    async fn work_goes_on(&self) {
        let confirmed = *self.confirmed.borrow();
        // It ends only with the tally itself.
        let mut rest_at = self.rest_at.subscribe();
        let _gone = rest_at.wait_for(|rest_at| confirmed < *rest_at).await;
    }
}

/// A client that notices and retries quickly.
fn rabbit(broker: &RabbitMq) -> Result<Arc<RabbitQueue>> {
    let mut options = RabbitOptions::new(&broker.amqp_url())?;
    options.backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_millis(500) };
    options.probe_interval = Duration::from_millis(500);
    // Longer than a broker takes that was just started, or whose disk is busy.
    options.call_timeout = Duration::from_secs(10);
    options.connect_timeout = Duration::from_secs(10);
    options.publish_timeout = Duration::from_secs(10);
    Ok(Arc::new(RabbitQueue::new(options)))
}

/// Publishes every message until it is confirmed, as the outbox relay does.
fn publish_all(queue: Arc<RabbitQueue>, to: QueueName, messages: usize, tally: Arc<Tally>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut open: Vec<usize> = (0..messages).collect();
        while !open.is_empty() {
            tally.work_goes_on().await;
            let window: Vec<usize> = open.iter().copied().take(WINDOW).collect();
            let messages = window.iter().map(|n| (to.clone(), Message::new(n.to_string(), "")));
            let results = queue.publish(messages.collect()).await;
            let failed = window.iter().zip(&results).filter(|(_, result)| result.is_err());
            let failed: Vec<usize> = failed.map(|(n, _)| *n).collect();
            tally.confirmed.send_modify(|confirmed| *confirmed += window.len() - failed.len());
            tally.repeated.fetch_add(failed.len(), Ordering::SeqCst);
            open.splice(..window.len(), failed);
        }
    })
}

/// Consumes until told that no more comes; how often each message was acknowledged.
fn consume_all(
    queue: Arc<RabbitQueue>,
    from: QueueName,
    mut done: watch::Receiver<bool>,
    tally: Arc<Tally>,
) -> JoinHandle<Result<HashMap<String, usize>>> {
    tokio::spawn(async move {
        let mut counts = HashMap::new();
        let mut consumer = queue.consume(&from, 500).await?;
        loop {
            let group = tokio::select! {
                group = consumer.next_group(500, Duration::from_millis(5)) => group.context("the consumer ended")?,
                _ = done.wait_for(|done| *done) => return Ok(counts),
            };
            for delivery in group {
                let count: &mut usize = counts.entry(delivery.message.id.clone()).or_default();
                *count += 1;
                tally.seen.fetch_add(usize::from(*count == 1), Ordering::SeqCst);
                // Stale after a kill: it comes again, which the inbox of the ledger absorbs.
                let _stale = delivery.ack().await;
            }
        }
    })
}

/// What the broker says about its queue when a wait was in vain: a queue without a leader is the broker's fault.
fn state_of(broker: &RabbitMq) -> String {
    let columns =
        ["list_queues", "--quiet", "name", "state", "leader", "messages", "messages_unacknowledged"];
    broker.rabbitmqctl(&columns).unwrap_or_else(|error| format!("{error:#}"))
}
