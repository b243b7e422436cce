//! A worker whose lease was taken over writes nothing, whatever it tries.

use std::time::Duration;

use habeas_domain::{Fault, JobState, Outcome, RequestId, Right, WorkKind};
use habeas_ledger::{Claimed, Failed, Next, Purpose};
use habeas_test_support::wait;
use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::{
    steps::{LEASE, challenge, contradiction, done, hash},
    world::World,
};

/// Longer than anything that is expected to happen.
const LIMIT: Duration = Duration::from_mins(1);

on_both!(a_stale_challenge, a_stale_plan, a_stale_task, a_stale_failure, a_stale_conclusion, a_stale_mail,);

/// The lease that ran out, and the one that took over.
async fn taken_over(world: &World, request: RequestId, kind: WorkKind) -> (Claimed, Claimed) {
    let ids = world.waiting(request, kind).await;
    let worker = world.worker();
    let old = world.ledger.claim(&ids[..1], worker, Duration::from_millis(1)).await.unwrap().remove(0);
    let other = world.worker();
    let new = wait::value("the lease to run out", LIMIT, || async {
        world.ledger.claim(&ids[..1], other, LEASE).await.unwrap().pop()
    });
    (old, new.await.unwrap())
}

/// Everything that can be seen of a request, leases apart.
async fn seen(world: &World, request: RequestId) -> (habeas_ledger::RequestView, usize) {
    let entries = world.ledger.audit_entries(request).await.unwrap().len();
    (world.view(request).await, entries)
}

async fn a_stale_challenge(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let (old, new) = taken_over(&world, request, WorkKind::Challenge).await;
    let before = seen(&world, request).await;
    let stale = challenge(&world, Purpose::Identity, "stale");
    world.ledger.challenged(vec![(old.lease, request, stale)]).await.unwrap();
    assert_eq!(seen(&world, request).await, before);
    let fresh = challenge(&world, Purpose::Identity, "fresh");
    world.ledger.challenged(vec![(new.lease, request, fresh)]).await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM challenge").await, 1);
}

async fn a_stale_plan(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world.prove(request).await;
    let (old, new) = taken_over(&world, request, WorkKind::Resolve).await;
    let before = seen(&world, request).await;
    world.planned(request, old.lease, &["shop"], hash(1)).await;
    world.ledger.review_needed(old.lease, request, &contradiction("o@example.com")).await.unwrap();
    assert_eq!(seen(&world, request).await, before);
    world.planned(request, new.lease, &["shop"], hash(2)).await;
    assert_eq!(world.job(request, Right::Access).await.plan_hash, Some(hash(2)));
}

async fn a_stale_task(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let (old, new) = taken_over(&world, request, WorkKind::Task).await;
    assert!(world.ledger.enter(&[old.lease]).await.unwrap().is_empty());
    let before = seen(&world, request).await;
    let mut late = done(&old);
    late.again_at = Some(crate::world::start());
    world.ledger.tasks_done(vec![late]).await.unwrap();
    assert_eq!(seen(&world, request).await, before);
    assert!(world.ledger.task_reports(&[before.0.jobs[0].id]).await.unwrap().is_empty());
    world.ledger.tasks_done(vec![done(&old), done(&new)]).await.unwrap();
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Concluding);
    world.ledger.tasks_done(vec![done(&new)]).await.unwrap();
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Concluding, "done once");
    world.assert_audit_whole().await;
}

async fn a_stale_failure(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let (old, new) = taken_over(&world, request, WorkKind::Task).await;
    let before = seen(&world, request).await;
    for next in [Next::Park, Next::Retry { after: Duration::ZERO, counted: true }] {
        let fault = Fault::permanent("stale", "stale");
        world.ledger.failed(vec![Failed { lease: old.lease, request, fault, next }]).await.unwrap();
        assert_eq!(seen(&world, request).await, before);
    }
    assert_eq!(world.ledger.heartbeat(&[new.lease], LEASE).await.unwrap(), [new.lease]);
}

async fn a_stale_conclusion(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    world.finish_tasks(request).await;
    let (old, new) = taken_over(&world, request, WorkKind::Conclude).await;
    let before = seen(&world, request).await;
    let stale = world.conclusion(&old, Some(Outcome::NothingHeld)).await;
    world.ledger.concluded(vec![stale]).await.unwrap();
    assert_eq!(seen(&world, request).await, before);
    let fresh = world.conclusion(&new, Some(Outcome::Done)).await;
    world.ledger.concluded(vec![fresh.clone()]).await.unwrap();
    world.ledger.concluded(vec![fresh]).await.unwrap();
    let view = world.view(request).await;
    assert_eq!((view.outcome, view.packages.len()), (Some(Outcome::Done), 1));
    world.assert_audit_whole().await;
}

async fn a_stale_mail(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let (old, new) = taken_over(&world, request, WorkKind::Mail).await;
    let before = seen(&world, request).await;
    let mail = world.ledger.mails_to_send(&[old]).await.unwrap().remove(0);
    world.ledger.mails_sent(&[(mail.lease, request, mail.id)]).await.unwrap();
    assert_eq!(seen(&world, request).await, before);
    world.ledger.mails_sent(&[(new.lease, request, mail.id)]).await.unwrap();
    assert!(world.ledger.mails_to_send(&[new]).await.unwrap().is_empty(), "never a second time");
    assert_eq!(
        world.number("SELECT COUNT(*) AS n FROM mail WHERE letter IS NULL").await,
        1,
        "its secrets go"
    );
}

/// A process that is stopped inside a transaction keeps its connection, and so its locks, as long as it is stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stopped_inside_a_transaction_gives_its_locks_back() {
    // Long enough for the worker that goes on, which is never idle on purpose.
    let world = World::postgresql_idle(Duration::from_secs(3)).await;
    let request = world.accepted(&[Right::Access]).await;
    let stopped = world.db.begin().await.unwrap();
    stopped
        .execute_unprepared("SELECT id FROM request FOR UPDATE; SELECT id FROM work FOR UPDATE")
        .await
        .unwrap();
    let ids = world.waiting(request, WorkKind::Challenge).await;
    let other = world.worker();
    let taken = wait::value("another to take the work", LIMIT, || async {
        world.ledger.claim(&ids[..1], other, LEASE).await.unwrap().pop()
    });
    let fresh = challenge(&world, Purpose::Identity, "fresh");
    world.ledger.challenged(vec![(taken.await.unwrap().lease, request, fresh)]).await.unwrap();
    assert!(stopped.commit().await.is_err(), "the stopped worker's transaction is gone");
}
