//! Leases: kept by the heartbeat, lost to somebody else, and shared between runtimes.

use std::time::Duration;

use anyhow::Result;
use habeas_domain::WorkState;
use habeas_ledger::Claimed;
use habeas_runtime::LaneOptions;
use habeas_test_support::wait;

use crate::{
    bed::{Bed, SOON, lane},
    fake::{Fake, finish},
};

/// Short, and so long that a disk that is busy for seconds keeps no heartbeat from it.
const LEASE: Duration = Duration::from_secs(6);

fn short() -> LaneOptions {
    LaneOptions { lease: LEASE, ..lane() }
}

async fn a_long_run_keeps_its_lease(bed: Bed) -> Result<()> {
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let (worker, gate) = Fake::patient(&bed.ledger);
    let (one, other) = (bed.start(worker.clone(), short()), bed.start(worker.clone(), short()));
    let lease_until = || async { bed.work_of(request).await.ok()?.lease_until };
    let first = wait::value("a lease", SOON, lease_until).await?;
    wait::until("the time of one lease to pass", SOON, || async {
        lease_until().await.is_some_and(|until| until > first + LEASE)
    })
    .await?;
    assert_eq!(worker.runs().len(), 1, "nobody else took it meanwhile");
    gate.add_permits(1);
    bed.all_become(WorkState::Done).await?;
    one.stop().await?;
    other.stop().await?;
    assert_eq!((worker.runs().len(), bed.effects().await?), (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_heartbeat_keeps_a_long_run_on_sqlite() -> Result<()> {
    a_long_run_keeps_its_lease(Bed::new().await?).await
}

#[tokio::test]
async fn a_heartbeat_keeps_a_long_run_on_postgres() -> Result<()> {
    a_long_run_keeps_its_lease(Bed::on_postgres().await?).await
}

async fn a_lost_lease_ends_the_run(bed: Bed) -> Result<()> {
    let [request] = bed.accept(1).await?[..] else { panic!("one request") };
    let (worker, _gate) = Fake::patient(&bed.ledger);
    let running = bed.start(worker.clone(), short());
    wait::until("a run", SOON, || async { worker.running() == 1 }).await?;
    let stale: Vec<Claimed> = worker.runs().remove(0);
    // As if the process had been stopped past its lease, and another had taken over. A heartbeat may come in between.
    let taken = wait::value("the other's claim", SOON, || async {
        bed.execute("UPDATE work SET lease_until = 1 WHERE state = 'running'").await.ok()?;
        let work = bed.work_of(request).await.ok()?;
        let claimed = bed.claim(&[work.id], SOON).await.ok()?;
        (!claimed.is_empty()).then_some(claimed)
    })
    .await?;
    wait::until("the run to be given up", SOON, || async { worker.running() == 0 }).await?;
    assert!(finish(&bed.ledger, &stale).await.is_empty(), "refused without an error");
    assert_eq!((bed.effects().await?, bed.work_of(request).await?.state), (0, WorkState::Running));
    finish(&bed.ledger, &taken).await;
    assert_eq!((bed.effects().await?, bed.work_of(request).await?.state), (1, WorkState::Done));
    running.stop().await
}

#[tokio::test]
async fn a_run_whose_lease_is_lost_is_given_up_on_sqlite() -> Result<()> {
    a_lost_lease_ends_the_run(Bed::new().await?).await
}

#[tokio::test]
async fn a_run_whose_lease_is_lost_is_given_up_on_postgres() -> Result<()> {
    a_lost_lease_ends_the_run(Bed::on_postgres().await?).await
}

/// Pieces that wait for their turn within a group are not taken for dead.
#[tokio::test]
async fn work_that_waits_for_its_turn_keeps_its_lease() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(2).await?;
    let ids: Vec<_> = bed.work().await?.into_iter().map(|work| work.id).collect();
    bed.claim(&ids, SOON).await?;
    bed.execute("UPDATE work SET lease_until = 1 WHERE state = 'running'").await?;
    let (worker, gate) = Fake::patient(&bed.ledger);
    let running = bed.start(worker.clone(), LaneOptions { linger: Duration::from_millis(300), ..short() });
    wait::until("the first to run", SOON, || async { worker.running() == 1 }).await?;
    let other = worker.runs()[0][0].lease.work;
    let waiting = || async { bed.work().await.ok()?.into_iter().find(|work| work.id != other)?.lease_until };
    let first = wait::value("a lease", SOON, waiting).await?;
    wait::until("the second's lease to be prolonged", SOON, || async {
        waiting().await.is_some_and(|until| until > first + LEASE)
    })
    .await?;
    gate.add_permits(2);
    let work = bed.all_become(WorkState::Done).await?;
    running.stop().await?;
    assert!(work.iter().all(|one| one.attempts == 2), "no attempt was lost by waiting");
    Ok(())
}

async fn two_runtimes_share(bed: Bed) -> Result<()> {
    let (one, other) = (Fake::diligent(&bed.ledger), Fake::diligent(&bed.ledger));
    let small = LaneOptions { group: 7, parallel: 2, ..lane() };
    let running = [bed.start(one.clone(), small.clone()), bed.start(other.clone(), small)];
    for _ in 0..10 {
        bed.accept(20).await?;
    }
    bed.all_become(WorkState::Done).await?;
    for runtime in running {
        runtime.stop().await?;
    }
    let runs: usize = [&one, &other].iter().flat_map(|worker| worker.runs()).map(|group| group.len()).sum();
    assert_eq!((runs, bed.effects().await?), (200, 200), "each piece ran once");
    Ok(())
}

#[tokio::test]
async fn two_runtimes_share_work_without_doubling_it_on_sqlite() -> Result<()> {
    two_runtimes_share(Bed::new().await?).await
}

#[tokio::test]
async fn two_runtimes_share_work_without_doubling_it_on_postgres() -> Result<()> {
    two_runtimes_share(Bed::on_postgres().await?).await
}
