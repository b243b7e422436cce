//! What happens by the clock alone happens in a runtime that keeps house, and in no other.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use habeas_runtime::{Runtime, RuntimeOptions};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, SOON, quick, start},
    switched::Switched,
};

/// Runs until a housekeeper has brought about `condition` on the requests; without one it never comes.
async fn keeps(bed: &Bed, table: &str, condition: &str, count: i64) -> Result<()> {
    let options = RuntimeOptions { housekeep_every: Duration::from_millis(30), ..quick() };
    let runtime = || Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), options);
    assert_eq!(bed.count(table, condition).await?, 0, "not yet");
    let running = start(runtime().keeping_house());
    wait::until(condition, SOON, || async { bed.count(table, condition).await.is_ok_and(|n| n == count) })
        .await?;
    running.stop().await
}

#[tokio::test]
async fn what_nobody_confirmed_lapses() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(2).await?;
    bed.execute("UPDATE request SET lapse_at = 1").await?;
    keeps(&bed, "request", "state = 'closed' AND outcome = 'unverified'", 2).await
}

#[tokio::test]
async fn what_nears_its_legal_date_is_reported() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(2).await?;
    bed.execute("UPDATE request SET due_at = 1").await?;
    keeps(&bed, "audit", "event = 'near-due'", 2).await
}

/// A process that starts while the broker is away waits for it, and the law does not.
#[tokio::test]
async fn what_nears_its_legal_date_is_reported_while_the_broker_is_away() -> Result<()> {
    let queue = Switched::new();
    let bed = Bed::with(queue.clone()).await?;
    queue.away.store(usize::MAX, Ordering::SeqCst);
    bed.accept(2).await?;
    bed.execute("UPDATE request SET due_at = 1").await?;
    keeps(&bed, "audit", "event = 'near-due'", 2).await
}

#[tokio::test]
async fn what_a_barred_agent_left_is_stopped() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept_of_agent().await?;
    // As a crash leaves it that comes between the bar and its last request.
    bed.execute("UPDATE agent SET barred_at = 1").await?;
    keeps(&bed, "request", "agent_stopped_at IS NOT NULL", 1).await
}
