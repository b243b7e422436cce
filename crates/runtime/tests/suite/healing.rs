//! What the reconciler heals, and what repeats do: nothing.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use habeas_domain::WorkState;
use habeas_queue::{QueueError, QueueName};
use habeas_runtime::{LaneOptions, Runtime, RuntimeOptions};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, QUEUE, SOON, lane, start},
    fake::Fake,
    switched::Switched,
};

/// A grace of three seconds and a round of one: the rest is for a machine on which much else runs.
const WITHIN_SECONDS: Duration = Duration::from_secs(30);

#[tokio::test]
async fn work_whose_messages_are_wiped_is_announced_again_within_seconds() -> Result<()> {
    let bed = Bed::new().await?;
    let relay = Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), RuntimeOptions::default());
    let relay = start(relay.keeping_house());
    bed.accept(40).await?;
    wait::until("everything to be published", SOON, || async {
        bed.count("outbox", "1 = 1").await.is_ok_and(|left| left == 0)
    })
    .await?;
    relay.stop().await?;
    let mut thief = bed.queue.consume(&QueueName::new(QUEUE)?, 100).await?;
    let stolen = thief.next_group(100, Duration::from_millis(100)).await.context("nothing there")?;
    assert!(stolen.len() >= 40);
    habeas_queue::ack_all(stolen).await;
    drop(thief);
    let wiped = Instant::now();
    let worker = Fake::diligent(&bed.ledger);
    let runtime = Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), RuntimeOptions::default());
    let running = start(runtime.working(lane(), worker).keeping_house());
    bed.all_become(WorkState::Done).await?;
    assert!(wiped.elapsed() < WITHIN_SECONDS, "after {:?}", wiped.elapsed());
    running.stop().await?;
    assert_eq!(bed.effects().await?, 40);
    Ok(())
}

/// A message about it would come behind all others of its queue. Here there is none at all, and nobody who announces.
#[tokio::test]
async fn a_dead_workers_work_is_taken_over_past_its_queue() -> Result<()> {
    let bed = Bed::new().await?;
    let dead = bed.accept(30).await?;
    let ids: Vec<_> = bed.work().await?.into_iter().map(|work| work.id).collect();
    bed.claim(&ids, Duration::from_millis(10)).await?;
    bed.accept(5).await?;
    let worker = Fake::diligent(&bed.ledger);
    let runtime = Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), crate::bed::quick());
    let running = start(runtime.working(LaneOptions { group: 3, parallel: 2, ..lane() }, worker.clone()));
    wait::until("all of it to be done", SOON, || async {
        bed.count("work", "kind = 'challenge' AND state = 'done'").await.is_ok_and(|done| done == 30)
    })
    .await?;
    running.stop().await?;
    assert_eq!(bed.count("work", "kind = 'challenge' AND state = 'waiting'").await?, 5, "no message came");
    let rescued: Vec<_> = worker.runs().into_iter().flatten().map(|one| one.request).collect();
    assert!(rescued.len() == 30 && rescued.iter().all(|one| dead.contains(one)), "once each");
    Ok(())
}

#[tokio::test]
async fn a_second_attempt_is_announced_although_its_queue_is_never_empty() -> Result<()> {
    let bed = Bed::new().await?;
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let again = bed.work_of(request).await?.id;
    let claimed = bed.claim(&[again], SOON).await?;
    bed.ledger.release(&[claimed[0].lease]).await?;
    // Nobody works here: whatever is announced stays in the queue.
    bed.accept(5).await?;
    let keeper = Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), crate::bed::quick());
    let keeper = start(keeper.keeping_house());
    let queue = QueueName::new(QUEUE)?;
    let depth = || async { bed.queue.depth(&queue).await.unwrap_or(0) };
    wait::until("a queue with much in it", SOON, || async { depth().await >= 12 }).await?;
    keeper.stop().await?;
    let mut consumer = bed.queue.consume(&queue, 1_000).await?;
    let all = consumer.next_group(1_000, Duration::from_millis(100)).await.context("nothing there")?;
    let text = again.to_string();
    assert!(all.iter().any(|delivery| String::from_utf8_lossy(&delivery.message.body).contains(&text)));
    Ok(())
}

/// The relay first, which publishes what is committed, and the reconciler after it.
#[tokio::test]
async fn keepers_that_panic_begin_anew() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.publish_panics.store(3, Ordering::SeqCst);
    let running = bed.start(Fake::diligent(&bed.ledger), lane());
    bed.accept(3).await?;
    bed.all_become(WorkState::Done).await?;
    wait::until("the rest of the outbox to be published", SOON, || async {
        bed.count("outbox", "1 = 1").await.is_ok_and(|left| left == 0)
    })
    .await?;
    running.stop().await?;
    assert_eq!(queue.publish_panics.load(Ordering::SeqCst), 0, "they did panic");
    Ok(())
}

#[tokio::test]
async fn repeats_of_every_message_do_nothing() -> Result<()> {
    let queue = Switched::new();
    queue.copies.store(4, Ordering::SeqCst);
    let bed = Bed::with(queue).await?;
    let worker = Fake::diligent(&bed.ledger);
    let running = bed.start(worker.clone(), habeas_runtime::LaneOptions { parallel: 4, group: 3, ..lane() });
    bed.accept(50).await?;
    bed.all_become(WorkState::Done).await?;
    let queue = QueueName::new(QUEUE)?;
    wait::until("all repeats to be settled", SOON, || async {
        bed.queue.depth(&queue).await.is_ok_and(|depth| depth == 0)
    })
    .await?;
    running.stop().await?;
    let runs: usize = worker.runs().iter().map(Vec::len).sum();
    assert_eq!((runs, bed.effects().await?), (50, 50));
    Ok(())
}

#[tokio::test]
async fn a_broker_that_is_away_at_the_start_is_waited_for() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.away.store(3, Ordering::SeqCst);
    let running = bed.start(Fake::diligent(&bed.ledger), lane());
    bed.accept(2).await?;
    bed.all_become(WorkState::Done).await?;
    assert_eq!(queue.away.load(Ordering::SeqCst), 0);
    running.stop().await
}

#[tokio::test]
async fn a_drain_ends_the_wait_for_a_broker() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.away.store(usize::MAX, Ordering::SeqCst);
    bed.start(Fake::diligent(&bed.ledger), lane()).stop().await
}

#[tokio::test]
async fn a_queue_that_can_never_be_declared_ends_the_runtime() -> Result<()> {
    let queue = Switched::saying(|| QueueError::InvalidName { bytes: 0 });
    let bed = Bed::with(queue.clone()).await?;
    queue.away.store(1, Ordering::SeqCst);
    let ended = bed.start(Fake::diligent(&bed.ledger), lane()).ended().await;
    assert!(ended.unwrap_err().to_string().contains("could not be declared"));
    Ok(())
}
