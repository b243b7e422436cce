//! Lanes: how much runs at once, and what becomes of messages that make no sense.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use habeas_domain::WorkState;
use habeas_messages::Announcement;
use habeas_queue::{Message, QueueName};
use habeas_runtime::{LaneOptions, Runtime};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, QUEUE, SOON, lane, quick, start},
    fake::Fake,
    switched::Switched,
};

#[tokio::test]
async fn no_more_groups_run_at_once_than_the_lane_allows() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(12).await?;
    let (worker, gate) = Fake::patient(&bed.ledger);
    let running = bed.start(worker.clone(), LaneOptions { group: 1, parallel: 3, ..lane() });
    for left in (0..12_usize).rev() {
        wait::until("the lane to be full", SOON, || async { worker.running() == 3.min(left + 1) }).await?;
        gate.add_permits(1);
    }
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!((worker.peak(), worker.runs().len()), (3, 12));
    Ok(())
}

#[tokio::test]
async fn groups_are_no_larger_than_the_lane_allows() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(23).await?;
    let worker = Fake::diligent(&bed.ledger);
    let running =
        bed.start(worker.clone(), LaneOptions { group: 5, linger: Duration::from_millis(200), ..lane() });
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(worker.runs().iter().map(Vec::len).max(), Some(5));
    Ok(())
}

#[tokio::test]
async fn no_group_is_larger_than_a_statement_can_name() -> Result<()> {
    let bed = Bed::new().await?;
    for _ in 0..4 {
        bed.accept(100).await?;
    }
    let worker = Fake::diligent(&bed.ledger);
    let running =
        bed.start(worker.clone(), LaneOptions { group: 100_000, linger: Duration::from_secs(1), ..lane() });
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(worker.runs().iter().map(Vec::len).max(), Some(250));
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_becomes_a_dead_letter() -> Result<()> {
    let bed = Bed::new().await?;
    let queue = QueueName::new(QUEUE)?;
    let bad = ["", "[1]", "{\"v\":1}", "{\"v\":99,\"kind\":\"challenge\"}", "hanako@example.jp"];
    let messages = bad.iter().map(|body| (queue.clone(), Message::json("", (*body).to_owned())));
    for published in bed.queue.publish(messages.collect()).await {
        published?;
    }
    bed.accept(2).await?;
    let running = bed.start(Fake::diligent(&bed.ledger), lane());
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    let letters = bed.queue.dead_letters(&queue, 100).await?;
    assert_eq!(letters.len(), bad.len());
    assert!(letters.iter().all(|letter| !letter.reason.is_empty() && !letter.reason.contains("hanako")));
    Ok(())
}

/// A message on the wrong queue brings no work to the wrong worker: a task of one store would run in another.
#[tokio::test]
async fn work_runs_only_in_its_own_lane() -> Result<()> {
    let bed = Bed::new().await?;
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let work = bed.work_of(request).await?;
    let wrong = QueueName::new("habeas.resolve")?;
    let body = Announcement::new(work.kind, work.id, request).encode();
    bed.queue.publish(vec![(wrong.clone(), Message::json("1", body))]).await;
    let stranger = Fake::diligent(&bed.ledger);
    let lane_of_resolve = LaneOptions { queue: wrong.to_string(), ..lane() };
    let runtime = Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), quick());
    let running = start(runtime.working(lane_of_resolve, stranger.clone()));
    wait::until("the message to be settled", SOON, || async {
        bed.count("work", "lease_epoch > 0 AND state = 'waiting'").await.is_ok_and(|count| count == 1)
    })
    .await?;
    running.stop().await?;
    assert!(stranger.runs().is_empty());
    let running = bed.start(Fake::diligent(&bed.ledger), lane());
    let done = bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(done[0].attempts, 1, "the detour was not charged");
    Ok(())
}

#[tokio::test]
async fn a_lane_that_panics_begins_anew() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.panics.store(2, Ordering::SeqCst);
    bed.accept(3).await?;
    let running = bed.start(Fake::diligent(&bed.ledger), lane());
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(queue.panics.load(Ordering::SeqCst), 0, "it did panic");
    Ok(())
}
