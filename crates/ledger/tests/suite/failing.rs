//! Retries, parking, stalling, requeueing, and ending with a part.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{Fault, JobState, Outcome, RequestId, Right, WorkKind, WorkState, WorkerId};
use habeas_ledger::{Claimed, Failed, MailState, Next, WaitsFor, WorkFilter};

use crate::{
    steps::{done, hash, staff},
    world::{World, start},
};

on_both!(
    a_retry_counts_unless_the_other_side_asked_for_it,
    a_pause_asked_for_again_and_again_is_timed,
    a_retry_waits,
    a_retry_that_is_due_is_announced_at_once,
    a_parked_task_stalls_its_job_until_it_is_put_back,
    all_with_the_same_fault_are_put_back_together,
    what_is_parked_anew_is_not_put_back_with_what_was,
    work_that_cannot_be_read_waits_for_ops,
    a_stalled_job_that_changed_nothing_is_planned_anew,
    a_stalled_job_can_end_with_a_part,
    a_deferred_deletion_outlives_its_job,
    a_parked_mail_is_seen_and_put_back,
);

fn fault(code: &str) -> Fault {
    Fault::temporary(code, "the store did not answer")
}

async fn fail(world: &World, claimed: &Claimed, code: &str, next: Next) {
    let failed = Failed { lease: claimed.lease, request: claimed.request, fault: fault(code), next };
    world.ledger.failed(vec![failed]).await.unwrap();
}

async fn park_in(world: &World, request: RequestId, store: &str) {
    let tasks = world.claim(request, WorkKind::Task).await;
    for task in &tasks {
        if task.store == Some(crate::steps::store(store)) {
            world.ledger.enter(&[task.lease]).await.unwrap();
            fail(world, task, "store-unavailable", Next::Park).await;
        } else {
            world.ledger.tasks_done(vec![done(task)]).await.unwrap();
        }
    }
}

async fn a_retry_counts_unless_the_other_side_asked_for_it(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let at_once = |counted| Next::Retry { after: Duration::ZERO, counted };
    for (counted, next_attempt) in [(true, 2), (false, 2), (true, 3)] {
        let claimed = world.claim_one(request, WorkKind::Task).await;
        fail(&world, &claimed, "throttled", at_once(counted)).await;
        let again = world.claim_one(request, WorkKind::Task).await;
        assert_eq!(again.attempts, next_attempt);
        world.ledger.release(&[again.lease]).await.unwrap();
    }
    let task = world.job(request, Right::Access).await.tasks.remove(0);
    assert_eq!(task.fault.unwrap().code, "throttled");
    world.finish_tasks(request).await;
    assert_eq!(world.job(request, Right::Access).await.tasks[0].fault, None, "it succeeded since");
}

async fn a_pause_asked_for_again_and_again_is_timed(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let at_once = Next::Retry { after: Duration::ZERO, counted: false };
    let busy = Fault::throttled("busy", "too many connections", Duration::from_secs(5));
    let claim = async || world.claim_one(request, WorkKind::Task).await;
    let paused = async |claimed: &Claimed, fault: &Fault| {
        let fault = fault.clone();
        let failed = Failed { lease: claimed.lease, request, fault, next: at_once };
        world.ledger.failed(vec![failed]).await.unwrap();
    };
    let first = claim().await;
    assert_eq!(first.throttled, Duration::ZERO);
    paused(&first, &busy).await;
    // Three hours ago, that is.
    world.run("UPDATE work SET throttled_since = throttled_since - 10800000000 WHERE throttled_since IS NOT NULL").await;
    let second = claim().await;
    assert!(second.throttled >= Duration::from_hours(3), "{:?}", second.throttled);
    paused(&second, &busy).await;
    let third = claim().await;
    assert!(third.throttled >= Duration::from_hours(3), "since the first time: {:?}", third.throttled);
    paused(&third, &fault("store-away")).await;
    assert_eq!(claim().await.throttled, Duration::ZERO, "it answered in between");
}

async fn a_retry_waits(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let claimed = world.claim_one(request, WorkKind::Task).await;
    fail(&world, &claimed, "x", Next::Retry { after: Duration::from_hours(1), counted: true }).await;
    assert!(world.claim(request, WorkKind::Task).await.is_empty(), "not due");
    let queues: Vec<String> =
        world.ledger.due(Duration::ZERO, 10).await.unwrap().into_iter().map(|due| due.queue).collect();
    assert!(!queues.contains(&"habeas.store.shop".to_owned()), "{queues:?}");
}

/// Nobody else says so: the message about the first attempt is settled.
async fn a_retry_that_is_due_is_announced_at_once(world: World) {
    let (failing, fresh) = (world.accepted(&[Right::Access]).await, world.accepted(&[Right::Access]).await);
    let claimed = world.claim_one(failing, WorkKind::Mail).await;
    fail(&world, &claimed, "x", Next::Retry { after: Duration::ZERO, counted: true }).await;
    // The clock of the tests is years behind the database's.
    let long = Duration::from_hours(24 * 365 * 20);
    let due = world.ledger.due(long, 10).await.unwrap();
    let told = |request: RequestId| due.iter().filter(|one| one.body.contains(&request.to_string())).count();
    assert_eq!((told(failing), told(fresh)), (1, 0), "{due:?}");
}

async fn a_parked_task_stalls_its_job_until_it_is_put_back(world: World) {
    let request = world.resolved(&[Right::Access], &["crm", "shop"]).await;
    park_in(&world, request, "crm").await;
    let view = world.view(request).await;
    assert_eq!(view.jobs[0].state, JobState::Stalled);
    assert_eq!(view.waits_for[0], WaitsFor::Ops);
    let delay = world.claim_one(request, WorkKind::Conclude).await;
    assert_ne!(delay.target, habeas_domain::TypedId::uuid(view.jobs[0].id), "a delay, not an end");
    let letter = world.conclusion(&delay, None).await;
    world.ledger.concluded(vec![letter]).await.unwrap();
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Stalled);
    let parked = view.jobs[0].tasks.iter().find(|task| task.state == WorkState::Parked).unwrap();
    assert_eq!(world.ledger.requeue(&[parked.id], staff(2)).await.unwrap(), 1);
    assert_eq!(world.ledger.requeue(&[parked.id], staff(2)).await.unwrap(), 0, "no longer parked");
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running);
    let again = world.claim_one(request, WorkKind::Task).await;
    assert_eq!(again.attempts, 1, "it begins anew");
    world.ledger.tasks_done(vec![done(&again)]).await.unwrap();
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Done));
    world.assert_audit_whole().await;
}

async fn all_with_the_same_fault_are_put_back_together(world: World) {
    let request = world.resolved(&[Right::Access], &["a", "b", "c"]).await;
    for (task, code) in world.claim(request, WorkKind::Task).await.iter().zip(["down", "down", "wrong"]) {
        fail(&world, task, code, Next::Park).await;
    }
    let parked = world.ledger.parked_by_fault().await.unwrap();
    assert_eq!(parked.iter().filter(|one| one.code == "down").map(|one| one.count).sum::<u64>(), 2);
    assert_eq!(world.ledger.requeue_by_fault("down", staff(2)).await.unwrap(), 2);
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running);
    world.finish_tasks(request).await;
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Stalled, "one is still parked");
    let left = WorkFilter { fault_code: Some("wrong".to_owned()), ..WorkFilter::default() };
    assert_eq!(world.ledger.work_list(&left, None, 10).await.unwrap().items.len(), 1);
}

async fn a_stalled_job_that_changed_nothing_is_planned_anew(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let job = world.job(request, Right::Deletion).await.id;
    let task = world.claim_one(request, WorkKind::Task).await;
    fail(&world, &task, "plan-changed", Next::Park).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Stalled);
    world.ledger.replan(job, staff(2)).await.unwrap();
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan);
    let resolve = world.claim_one(request, WorkKind::Resolve).await;
    world.planned(request, resolve.lease, &["shop"], hash(2)).await;
    assert_eq!(
        world.job_state(request, Right::Deletion).await,
        JobState::AwaitingApproval,
        "it is another plan"
    );
    world.approve(request, Right::Deletion, staff(2)).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    fail(&world, &task, "store-unavailable", Next::Park).await;
    let begun = world.ledger.replan(job, staff(2)).await.unwrap_err();
    assert!(begun.to_string().contains("part"), "{begun}");
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Stalled);
    world.assert_audit_whole().await;
}

async fn a_stalled_job_can_end_with_a_part(world: World) {
    let request = world.resolved(&[Right::Access], &["crm", "shop"]).await;
    park_in(&world, request, "crm").await;
    let job = world.job(request, Right::Access).await.id;
    let delay = world.claim_one(request, WorkKind::Conclude).await;
    world.ledger.accept_part(job, staff(2)).await.unwrap();
    let late = world.conclusion(&delay, None).await;
    world.ledger.concluded(vec![late]).await.unwrap();
    let view = world.job(request, Right::Access).await;
    assert_eq!(view.state, JobState::Concluding);
    let states: Vec<WorkState> = view.tasks.iter().map(|task| task.state).collect();
    assert_eq!(states, [WorkState::Cancelled, WorkState::Done], "nobody can put it back");
    world.conclude(request, Outcome::PartlyDone).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::PartlyDone));
    world.assert_audit_whole().await;
}

async fn a_deferred_deletion_outlives_its_job(world: World) {
    let request = world.resolved(&[Right::Deletion], &["billing", "crm"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let ends = start() + TimeDelta::days(36_500);
    for task in world.claim(request, WorkKind::Task).await {
        if task.store == Some(crate::steps::store("billing")) {
            let done = habeas_ledger::TaskDone { again_at: Some(ends), ..done(&task) };
            world.ledger.tasks_done(vec![done]).await.unwrap();
        } else {
            fail(&world, &task, "down", Next::Park).await;
        }
    }
    let job = world.job(request, Right::Deletion).await.id;
    world.ledger.accept_part(job, staff(2)).await.unwrap();
    let all = world.claim(request, WorkKind::Conclude).await;
    let end = all.iter().find(|one| one.target == habeas_domain::TypedId::uuid(job)).unwrap();
    let end = world.conclusion(end, Some(Outcome::PartlyDone)).await;
    world.ledger.concluded(vec![end]).await.unwrap();
    let view = world.view(request).await;
    assert!(view.closed_at.is_some());
    assert!(view.waits_for.contains(&WaitsFor::KeepRule), "{:?}", view.waits_for);
    let deferred = view.jobs[0].tasks.iter().find(|task| task.kind == WorkKind::Deferred).unwrap();
    assert_eq!((deferred.state, deferred.due_at), (WorkState::Waiting, Some(ends)));
    assert!(world.claim(request, WorkKind::Deferred).await.is_empty(), "not before the rule ends");
    world.run("UPDATE work SET next_attempt_at = 0 WHERE kind = 'deferred'").await;
    let claimed = world.claim_one(request, WorkKind::Deferred).await;
    world.ledger.tasks_done(vec![done(&claimed)]).await.unwrap();
    assert!(!world.view(request).await.waits_for.contains(&WaitsFor::KeepRule));
    world.assert_audit_whole().await;
}

async fn a_parked_mail_is_seen_and_put_back(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let claimed = world.claim_one(request, WorkKind::Mail).await;
    fail(&world, &claimed, "smtp-refused", Next::Park).await;
    let view = world.view(request).await;
    assert_eq!((view.mails[0].state, view.waits_for[0]), (MailState::Parked, WaitsFor::Ops));
    assert_eq!(world.ledger.requeue_by_fault("smtp-refused", staff(2)).await.unwrap(), 1);
    assert_eq!(world.send_mails(request).await, ["received"]);
    assert_eq!(world.view(request).await.mails[0].state, MailState::Sent);
}

async fn what_is_parked_anew_is_not_put_back_with_what_was(world: World) {
    let request = world.resolved(&[Right::Access], &["a", "b"]).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    fail(&world, &tasks[0], "down", Next::Park).await;
    let before = world.ledger.parked_with("down").await.unwrap();
    assert_eq!(before, [tasks[0].lease.work]);
    fail(&world, &tasks[1], "down", Next::Park).await;
    assert_eq!(world.ledger.requeue(&before, staff(2)).await.unwrap(), 1);
    assert_eq!(world.ledger.parked_with("down").await.unwrap(), [tasks[1].lease.work]);
}

/// It would be rescued and claimed again for ever.
async fn work_that_cannot_be_read_waits_for_ops(world: World) {
    let request = world.resolved(&[Right::Access], &["a", "b"]).await;
    let tasks: Vec<_> = world.job(request, Right::Access).await.tasks.iter().map(|task| task.id).collect();
    let broken = "UPDATE work SET store = 'No Store' WHERE kind = 'task' AND store = 'a'";
    assert_eq!(world.run(broken).await, 1);
    let worker: WorkerId = world.ledger.ids().fresh();
    let claimed = world.ledger.claim(&tasks, worker, Duration::from_mins(1)).await.unwrap();
    assert_eq!(claimed.len(), 1, "the other goes on");
    assert_eq!(
        world.number("SELECT COUNT(*) AS n FROM work WHERE state = 'running' AND kind = 'task'").await,
        1
    );
    assert_eq!(world.ledger.parked_with("ledger-corrupt").await.unwrap().len(), 1);
    world.ledger.tasks_done(vec![done(&claimed[0])]).await.unwrap();
    world.assert_audit_whole().await;
}
