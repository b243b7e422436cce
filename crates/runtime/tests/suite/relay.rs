//! The relay: after the commit, until the confirmation.

use std::sync::{Arc, atomic::Ordering};

use anyhow::Result;
use habeas_ledger::QueueSubmission;
use habeas_queue::QueueName;
use habeas_runtime::{Runtime, RuntimeOptions};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, QUEUE, SOON, lane, start},
    fake::Fake,
    switched::Switched,
};

/// A runtime that publishes what is committed, and does nothing else.
fn relay_only(bed: &Bed) -> Runtime {
    Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), RuntimeOptions::default())
}

#[tokio::test]
async fn a_row_goes_only_once_its_message_is_confirmed() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.confirms.forget_permits(usize::MAX);
    let running = start(relay_only(&bed));
    wait::until("the relay to listen", SOON, || async {
        bed.accept(1).await.is_ok() && queue.arrived.load(Ordering::SeqCst) == 1
    })
    .await?;
    let rows = bed.count("outbox", "1 = 1").await?;
    assert!(rows >= 2, "published, not confirmed, not forgotten");
    queue.confirms.add_permits(1_000);
    wait::until("the rows to go", SOON, || async {
        // Rows of before the relay listened are left to a sweep, and there is none here.
        bed.count("outbox", "1 = 1").await.is_ok_and(|left| left < rows)
    })
    .await?;
    running.stop().await
}

#[tokio::test]
async fn what_could_not_be_published_stays_and_the_sweep_publishes_it() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.refuses.store(true, Ordering::SeqCst);
    let running = start(relay_only(&bed).keeping_house());
    bed.accept(3).await?;
    let rows = bed.count("outbox", "1 = 1").await?;
    assert_eq!(rows, 6, "a challenge and a mail for each");
    queue.refuses.store(false, Ordering::SeqCst);
    wait::until("the sweep", SOON, || async {
        bed.count("outbox", "1 = 1").await.is_ok_and(|left| left == 0)
    })
    .await?;
    running.stop().await?;
    assert!(queue.arrived.load(Ordering::SeqCst) > 0);
    Ok(())
}

/// Answers to a queue that is not there.
async fn answer_to(bed: &Bed, queue: &str, answers: usize) -> Result<()> {
    let submission = |number: usize| QueueSubmission {
        consumer: "habeas.intake".to_owned(),
        message_id: format!("message-{number}"),
        body_fingerprint: [0; 32],
        new: Err(Vec::new()),
        reply_to: Some(queue.to_owned()),
        correlation: None,
    };
    for hundred in 0..answers.div_ceil(100) {
        let group = (hundred * 100..answers.min((hundred + 1) * 100)).map(submission).collect();
        bed.ledger.accept_from_queue(group).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_published_holds_up_nothing_behind_it() -> Result<()> {
    let bed = Bed::new().await?;
    answer_to(&bed, "habeas.store.gone", 1_100).await?;
    bed.accept(2).await?;
    let running = start(relay_only(&bed).keeping_house());
    wait::until("what stands behind", SOON, || async {
        bed.count("outbox", "queue <> 'habeas.store.gone'").await.is_ok_and(|left| left == 0)
    })
    .await?;
    running.stop().await?;
    assert_eq!(bed.count("outbox", "1 = 1").await?, 1_100, "kept for the day on which the queue is back");
    Ok(())
}

/// The relay waits for a confirmation that does not come, while more is committed than it is handed in memory.
#[tokio::test]
async fn a_broker_that_is_away_while_much_is_committed_gets_all_of_it_in_the_end() -> Result<()> {
    const MANY: usize = 10_500;
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.confirms.forget_permits(usize::MAX);
    let running = start(relay_only(&bed));
    wait::until("the relay to be held up", SOON, || async {
        bed.accept(1).await.is_ok() && queue.arrived.load(Ordering::SeqCst) == 1
    })
    .await?;
    answer_to(&bed, QUEUE, MANY).await?;
    queue.confirms.add_permits(1_000);
    wait::until("what it was handed to go", SOON, || async {
        bed.count("outbox", "queue = 'habeas.challenge'").await.is_ok_and(|left| left < 700)
    })
    .await?;
    running.stop().await?;
    let left = bed.count("outbox", "1 = 1").await?;
    assert!(left >= 500, "what there was no room for is in the outbox alone: {left}");
    let running = start(relay_only(&bed).keeping_house());
    wait::until("the sweep", SOON, || async {
        bed.count("outbox", "1 = 1").await.is_ok_and(|left| left == 0)
    })
    .await?;
    running.stop().await?;
    let published = bed.queue.depth(&QueueName::new(QUEUE)?).await?;
    assert!(published >= MANY as u64, "nothing was forgotten unpublished: {published}");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_is_dropped() -> Result<()> {
    let bed = Bed::new().await?;
    answer_to(&bed, "a.client.that.is.gone", 3).await?;
    let running = start(relay_only(&bed).keeping_house());
    wait::until("an empty outbox", SOON, || async {
        bed.count("outbox", "1 = 1").await.is_ok_and(|left| left == 0)
    })
    .await?;
    running.stop().await
}

#[tokio::test]
async fn what_a_drain_commits_is_still_published() -> Result<()> {
    let bed = Bed::new().await?;
    let (worker, gate) = Fake::patient(&bed.ledger);
    let running = bed.start(worker.clone(), lane());
    bed.accept(1).await?;
    let empty = || async { bed.count("outbox", "1 = 1").await.is_ok_and(|left| left == 0) };
    wait::until("a run", SOON, || async { worker.running() == 1 && empty().await }).await?;
    running.drain.cancel();
    gate.add_permits(1);
    running.ended().await?;
    assert_eq!(bed.effects().await?, 1);
    assert!(empty().await, "the mail that the last run ordered is on its way");
    Ok(())
}
