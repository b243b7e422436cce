//! A drain: what runs may end, nothing new begins, and nothing is charged.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use habeas_domain::WorkState;
use habeas_runtime::{LaneOptions, Runtime, RuntimeOptions};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, SOON, lane, quick, start},
    fake::Fake,
};

#[tokio::test]
async fn what_runs_may_end_and_nothing_new_begins() -> Result<()> {
    let bed = Bed::new().await?;
    let [first] = bed.accept(1).await?[..] else { panic!("one request") };
    let (worker, gate) = Fake::patient(&bed.ledger);
    let running = bed.start(worker.clone(), lane());
    wait::until("a run", SOON, || async { worker.running() == 1 }).await?;
    running.drain.cancel();
    let [second] = bed.accept(1).await?[..] else { panic!("one request") };
    gate.add_permits(2);
    running.ended().await?;
    assert_eq!(bed.work_of(first).await?.state, WorkState::Done);
    let untouched = bed.work_of(second).await?;
    assert_eq!((untouched.state, untouched.attempts), (WorkState::Waiting, 0));
    assert_eq!(worker.runs().len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_outlasts_the_grace_is_handed_back() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(3).await?;
    let worker = Fake::new(|_| std::future::pending());
    let options = RuntimeOptions { grace: Duration::from_millis(100), ..quick() };
    let runtime = Runtime::new(bed.ledger.clone(), Arc::clone(&bed.queue), options);
    let lane = LaneOptions { linger: Duration::from_millis(300), ..lane() };
    let running = start(runtime.working(lane, worker.clone()).keeping_house());
    wait::until("a run", SOON, || async { worker.running() == 1 }).await?;
    running.stop().await?;
    assert_eq!(worker.running(), 0, "it was ended");
    for work in bed.work().await? {
        assert_eq!(
            (work.state, work.attempts, work.fault),
            (WorkState::Waiting, 0, None),
            "nothing is charged"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_waits_for_its_turn_is_handed_back() -> Result<()> {
    let bed = Bed::new().await?;
    bed.accept(3).await?;
    let ids: Vec<_> = bed.work().await?.into_iter().map(|work| work.id).collect();
    bed.claim(&ids, SOON).await?;
    bed.execute("UPDATE work SET lease_until = 1 WHERE state = 'running'").await?;
    let (worker, gate) = Fake::patient(&bed.ledger);
    let running = bed.start(worker.clone(), LaneOptions { linger: Duration::from_millis(300), ..lane() });
    wait::until("a run", SOON, || async { worker.running() == 1 }).await?;
    running.drain.cancel();
    gate.add_permits(3);
    running.ended().await?;
    let mut ended: Vec<_> =
        bed.work().await?.into_iter().map(|work| (work.state.as_str(), work.attempts)).collect();
    ended.sort_unstable();
    assert_eq!(ended, [("done", 2), ("waiting", 1), ("waiting", 1)], "each ran alone, and one was running");
    Ok(())
}
