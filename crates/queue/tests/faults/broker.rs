//! The broker is killed and started again, with its data and without.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use habeas_queue::{Message, Queue, QueueName, RabbitQueue};
use habeas_test_support::{RabbitMq, wait};
use tokio::{sync::watch, task::JoinHandle};

use crate::support::*;

const MESSAGES: usize = 20_000;
const WINDOW: usize = 250;
const KILLS: usize = 3;

/// What happened to each message.
#[derive(Default)]
struct Ledger {
    confirmed: AtomicUsize,
    repeated: AtomicUsize,
}

/// Publish every message until it is confirmed, as the outbox relay does.
fn publish_all(queue: Arc<RabbitQueue>, to: QueueName, ledger: Arc<Ledger>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut open: Vec<usize> = (0..MESSAGES).collect();
        while !open.is_empty() {
            let window: Vec<usize> = open.iter().copied().take(WINDOW).collect();
            let messages = window.iter().map(|n| (to.clone(), Message::new(n.to_string(), "")));
            let results = queue.publish(messages.collect()).await;
            let failed = window.iter().zip(&results).filter(|(_, result)| result.is_err());
            let failed: Vec<usize> = failed.map(|(n, _)| *n).collect();
            ledger.confirmed.fetch_add(window.len() - failed.len(), Ordering::SeqCst);
            ledger.repeated.fetch_add(failed.len(), Ordering::SeqCst);
            open.splice(..window.len(), failed);
        }
    })
}

/// Consume until told that no more comes; how often each message was acknowledged.
fn consume_all(
    queue: Arc<RabbitQueue>,
    from: QueueName,
    mut done: watch::Receiver<bool>,
    seen: Arc<AtomicUsize>,
) -> JoinHandle<HashMap<String, usize>> {
    tokio::spawn(async move {
        let mut counts = HashMap::new();
        let mut consumer = queue.consume(&from, 500).await.unwrap();
        loop {
            let group = tokio::select! {
                group = consumer.next_group(500, Duration::from_millis(5)) => group.unwrap(),
                _ = done.wait_for(|done| *done) => return counts,
            };
            for delivery in group {
                let count: &mut usize = counts.entry(delivery.message.id.clone()).or_default();
                *count += 1;
                seen.fetch_add(usize::from(*count == 1), Ordering::SeqCst);
                // Stale after a kill: it comes again, which the inbox of the ledger absorbs.
                let _ = delivery.ack().await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirmed_messages_outlive_kills_of_the_broker() -> Result<()> {
    let broker = RabbitMq::start().await?;
    let (queue, work) = (rabbit(&broker.amqp_url())?, name("work"));
    queue.declare(std::slice::from_ref(&work)).await?;

    let (ledger, seen) = (Arc::new(Ledger::default()), Arc::new(AtomicUsize::new(0)));
    let (done, watching) = watch::channel(false);
    let consuming = consume_all(Arc::clone(&queue), work.clone(), watching, Arc::clone(&seen));
    let publishing = publish_all(Arc::clone(&queue), work.clone(), Arc::clone(&ledger));
    for kill in 1..=KILLS {
        let reached = kill * MESSAGES / (KILLS + 1);
        let confirmed = || async { ledger.confirmed.load(Ordering::SeqCst) >= reached };
        wait::until(format!("{reached} confirms"), IN_TIME, confirmed)
            .await
            .with_context(|| state_of(&broker))?;
        broker.restart().await?;
    }
    publishing.await?;
    wait::until("everything to arrive", IN_TIME, || async { seen.load(Ordering::SeqCst) == MESSAGES })
        .await?;
    done.send_replace(true);
    let counts = consuming.await?;

    let doubled = counts.values().filter(|count| **count > 1).count();
    let lost = MESSAGES - counts.len();
    let repeated = ledger.repeated.load(Ordering::SeqCst);
    println!(
        "{KILLS} kills, confirmed {MESSAGES}, published again {repeated}, lost {lost}, doubled {doubled}"
    );
    assert_eq!((ledger.confirmed.load(Ordering::SeqCst), lost), (MESSAGES, 0));
    assert!(repeated > 0, "the kills hit windows under way, else this proves nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_broker_gets_its_queues_and_consumers_back() -> Result<()> {
    let broker = RabbitMq::start().await?;
    let queue = rabbit(&broker.amqp_url())?;
    let (work, other) = (name("work"), name("other"));
    queue.declare(&[work.clone(), other.clone()]).await?;
    let mut consumer = queue.consume(&work, 10).await?;
    insist(&*queue, &work, "before").await?;
    ack_until(&mut *consumer, "before").await?;
    insist(&*queue, &other, "wiped").await?;

    broker.wipe_and_restart().await?;

    insist(&*queue, &work, "after").await?;
    ack_until(&mut *consumer, "after").await?;
    insist(&*queue, &other, "also after").await?;
    assert_eq!(queue.depth(&other).await?, 1, "the queue is new, and nobody consumed it");
    assert!(queue.dead_letters(&other, 1).await?.is_empty(), "its dead-letter queue is there as well");
    Ok(())
}
