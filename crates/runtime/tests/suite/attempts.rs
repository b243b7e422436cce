//! Failures: retries, parking, panics, and work that was cut off.

use std::{
    collections::BTreeSet,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::Result;
use habeas_domain::{Fault, WorkId, WorkState};
use habeas_ledger::{Claimed, WorkView};
use habeas_runtime::{Failure, LaneOptions, RetryPolicy, Worker};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, SOON, lane},
    fake::{Fake, finish},
};

#[tokio::test]
async fn work_is_done_once_and_its_messages_are_gone() -> Result<()> {
    let bed = Bed::new().await?;
    let worker = Fake::diligent(&bed.ledger);
    let running = bed.start(worker.clone(), LaneOptions { parallel: 3, ..lane() });
    for _ in 0..4 {
        bed.accept(30).await?;
    }
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(bed.effects().await?, 120);
    assert_eq!(bed.count("outbox", "1 = 1").await?, 0, "every message was confirmed and forgotten");
    assert!(bed.work().await?.iter().all(|work| work.attempts == 1));
    Ok(())
}

#[tokio::test]
async fn failed_work_is_tried_again_and_then_parked() -> Result<()> {
    let bed = Bed::new().await?;
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let worker = Fake::failing(Fault::temporary("shop-shut", "come back later"));
    let running = bed.start(worker.clone(), lane());
    bed.all_become(WorkState::Parked).await?;
    running.stop().await?;
    let work = bed.work_of(request).await?;
    assert_eq!((worker.runs().len(), work.attempts), (3, 3), "as often as the policy says");
    assert_eq!(work.fault.unwrap().code, "shop-shut");
    Ok(())
}

#[tokio::test]
async fn between_attempts_work_waits() -> Result<()> {
    let bed = Bed::new().await?;
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let retry = RetryPolicy {
        first: Duration::from_mins(10),
        longest: Duration::from_mins(10),
        attempts: 3,
        ..RetryPolicy::default()
    };
    let worker = Fake::failing(Fault::temporary("shop-shut", "come back later"));
    let before = bed.ledger.ids().now();
    let running = bed.start(worker.clone(), LaneOptions { retry, ..lane() });
    let due =
        wait::value("a second date", SOON, || async { bed.work_of(request).await.ok()?.due_at }).await?;
    running.stop().await?;
    assert!(due >= before + Duration::from_mins(5), "at least half of the nominal delay");
    assert_eq!(worker.runs().len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_no_retry_mends_is_parked_at_once() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(2).await?;
    let worker = Fake::failing(Fault::permanent("no-such-shop", "it never was there"));
    let running = bed.start(worker.clone(), lane());
    bed.all_become(WorkState::Parked).await?;
    running.stop().await?;
    assert!(bed.work().await?.iter().all(|work| work.attempts == 1));
    Ok(())
}

#[tokio::test]
async fn a_pause_that_was_asked_for_counts_no_attempt() -> Result<()> {
    let bed = Bed::new().await?;
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let (ledger, calls) = (bed.ledger.clone(), Arc::new(AtomicUsize::new(0)));
    let worker = Fake::new(move |group| {
        let (ledger, call) = (ledger.clone(), calls.fetch_add(1, Ordering::SeqCst));
        async move {
            if call < 7 {
                let busy = Fault::throttled("busy", "slowly, please", Duration::from_millis(5));
                return Failure::all(&group, &busy);
            }
            finish(&ledger, &group).await
        }
    });
    let running = bed.start(worker.clone(), lane());
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(worker.runs().len(), 8, "more often than the policy has attempts");
    assert_eq!(bed.work_of(request).await?.attempts, 1);
    Ok(())
}

/// Everything waits until it can run together. Returns what is parked when all has settled.
async fn parked_together(bed: &Bed, worker: &Arc<Fake>) -> Result<Vec<WorkView>> {
    let lane = LaneOptions { linger: Duration::from_millis(300), ..lane() };
    let running = bed.start(Arc::clone(worker) as Arc<dyn Worker>, lane);
    let work = wait::value("all to settle", SOON, || async {
        let work = bed.work().await.ok()?;
        let settled = work.iter().all(|one| matches!(one.state, WorkState::Done | WorkState::Parked));
        settled.then_some(work)
    })
    .await?;
    running.stop().await?;
    Ok(work.into_iter().filter(|one| one.state == WorkState::Parked).collect())
}

#[tokio::test]
async fn a_panic_harms_nobody_else() -> Result<()> {
    let bed = Bed::new().await?;
    let requests = bed.accept(6).await?;
    let (ledger, poison) = (bed.ledger.clone(), requests[3]);
    let worker = Fake::new(move |group: Vec<Claimed>| {
        let ledger = ledger.clone();
        async move {
            // One is finished before the panic: it must not run again.
            let failures = finish(&ledger, &group[..1]).await;
            assert!(!group.iter().any(|one| one.request == poison), "poison");
            finish(&ledger, &group[1..]).await;
            failures
        }
    });
    let parked = parked_together(&bed, &worker).await?;
    assert_eq!(bed.effects().await?, 6 - i64::try_from(parked.len())?);
    let largest = worker.runs().iter().map(Vec::len).max();
    assert_eq!(largest, Some(6), "they did run together at first");
    let first_of_group: BTreeSet<WorkId> =
        worker.runs().iter().filter(|group| group.len() > 1).map(|group| group[0].lease.work).collect();
    for work in first_of_group {
        assert_eq!(worker.runs_of(work).len(), 1, "finished before the panic");
    }
    if let [poisoned] = &parked[..] {
        assert_eq!((poisoned.request, poisoned.attempts), (poison, 3));
        assert_eq!(worker.runs_of(poisoned.id)[1..], [1, 1, 1], "retried alone");
        assert_eq!(poisoned.fault.as_ref().map(|fault| fault.code.as_str()), Some("worker-panicked"));
    }
    Ok(())
}

/// A row that cannot be read fails the statement that reads it with others, and says nothing of them.
#[tokio::test]
async fn what_fails_for_good_takes_no_others_with_it() -> Result<()> {
    let bed = Bed::new().await?;
    let requests = bed.accept(6).await?;
    let (ledger, poison) = (bed.ledger.clone(), requests[3]);
    let worker = Fake::new(move |group: Vec<Claimed>| {
        let ledger = ledger.clone();
        async move {
            if group.iter().any(|one| one.request == poison) {
                return Failure::all(&group, &Fault::permanent("ledger-corrupt", "not readable"));
            }
            finish(&ledger, &group).await
        }
    });
    let parked = parked_together(&bed, &worker).await?;
    assert_eq!(parked.iter().map(|one| one.request).collect::<Vec<_>>(), [poison]);
    assert_eq!(worker.runs().iter().map(Vec::len).max(), Some(6), "they did run together at first");
    assert_eq!(bed.effects().await?, 5);
    Ok(())
}

#[tokio::test]
async fn work_that_was_cut_off_runs_alone() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(3).await?;
    cut_off(&bed, 1).await?;
    let worker = Fake::diligent(&bed.ledger);
    let running = bed.start(worker.clone(), LaneOptions { linger: Duration::from_millis(300), ..lane() });
    bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert_eq!(worker.runs().iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    assert!(worker.runs().iter().flatten().all(|one| one.attempts == 2));
    Ok(())
}

#[tokio::test]
async fn work_that_is_cut_off_each_time_is_parked_without_another_run() -> Result<()> {
    let bed = Bed::new().await?;
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    cut_off(&bed, 3).await?;
    let worker = Fake::diligent(&bed.ledger);
    let running = bed.start(worker.clone(), lane());
    bed.all_become(WorkState::Parked).await?;
    running.stop().await?;
    assert!(worker.runs().is_empty());
    assert_eq!(bed.work_of(request).await?.fault.unwrap().code, "cut-off-too-often");
    Ok(())
}

/// Claims all work so often, as a worker that dies each time.
async fn cut_off(bed: &Bed, times: u32) -> Result<()> {
    let ids: Vec<WorkId> = bed.work().await?.into_iter().map(|work| work.id).collect();
    for _ in 0..times {
        assert_eq!(bed.claim(&ids, SOON).await?.len(), ids.len());
        bed.execute("UPDATE work SET lease_until = 1 WHERE state = 'running'").await?;
    }
    Ok(())
}
