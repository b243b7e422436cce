//! Withdrawal, refusal, extension, lapse, and dates that come near.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use habeas_domain::{
    Actor, Bilingual, Deadline, Fault, JobState, Outcome, RequestId, RequestState, Right, WorkKind,
    WorkState, letter::Refusal,
};
use habeas_ledger::{Claimed, Failed, Next};

use crate::{
    steps::{LEASE, done, races, staff},
    world::{World, start},
};

on_both!(
    a_withdrawal_before_anything_ends_everything,
    a_withdrawal_before_a_task_enters_wins_over_it,
    a_withdrawal_after_a_task_entered_is_too_late,
    a_withdrawal_after_a_part_was_done_tells_of_the_part,
    a_withdrawal_and_an_entry_at_once_agree,
    a_withdrawn_parked_task_cannot_be_put_back,
    what_waits_to_be_tried_again_is_stopped,
    what_fails_after_it_was_taken_back_is_not_tried_again,
    what_a_dead_worker_left_in_its_store_is_not_taken_over,
    who_claims_a_task_again_does_not_enter_after_the_withdrawal,
    a_refusal_ends_one_job,
    a_refused_job_does_not_keep_others_from_being_proven,
    an_extension_moves_the_date_and_is_told,
    nobody_confirmed_in_time,
    one_that_cannot_be_read_keeps_no_other_from_its_end,
    a_near_date_is_reported_once,
);

pub(crate) fn refusal() -> Refusal {
    let reason = Bilingual { en: "Excessive".to_owned(), ja: "過度な請求".to_owned() };
    Refusal { reason, article: "GDPR art. 12(5)(b)".to_owned(), note: None }
}

async fn a_withdrawal_before_anything_ends_everything(world: World) {
    let request = world.accepted(&[Right::Access, Right::Deletion]).await;
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (2, 0));
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Withdrawn)));
    assert!(world.waiting(request, WorkKind::Challenge).await.is_empty(), "nobody is asked any more");
    assert!(world.ledger.withdraw(request, Actor::Subject).await.is_err(), "once");
    assert_eq!(world.send_mails(request).await, ["job-withdrawn", "job-withdrawn", "received"]);
    world.assert_audit_whole().await;
}

async fn a_withdrawal_before_a_task_enters_wins_over_it(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!(withdrawn.ended.len(), 1);
    assert!(world.ledger.enter(&[task.lease]).await.unwrap().is_empty());
    assert!(world.ledger.heartbeat(&[task.lease], LEASE).await.unwrap().is_empty());
    let next = Next::Retry { after: Duration::ZERO, counted: true };
    let fault = Fault::temporary("x", "x");
    world.ledger.failed(vec![Failed { lease: task.lease, request, fault, next }]).await.unwrap();
    assert!(world.claim(request, WorkKind::Task).await.is_empty(), "no retry brings it back");
    assert_eq!(world.job(request, Right::Deletion).await.tasks[0].state, WorkState::Cancelled);
}

async fn a_withdrawal_after_a_task_entered_is_too_late(world: World) {
    let request = world.resolved(&[Right::Deletion], &["a", "b"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    world.ledger.enter(&[tasks[0].lease]).await.unwrap();
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (0, 1));
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    let done = tasks.iter().map(done).collect();
    world.ledger.tasks_done(done).await.unwrap();
    let view = world.job(request, Right::Deletion).await;
    assert_eq!(view.state, JobState::Concluding);
    assert_eq!(view.tasks.iter().filter(|task| task.state == WorkState::Cancelled).count(), 1);
    world.conclude(request, Outcome::PartlyDone).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::PartlyDone));
    world.assert_audit_whole().await;
}

async fn a_withdrawal_after_a_part_was_done_tells_of_the_part(world: World) {
    let request = world.resolved(&[Right::Deletion], &["a", "b"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    world.ledger.enter(&[tasks[0].lease]).await.unwrap();
    world.ledger.tasks_done(vec![done(&tasks[0])]).await.unwrap();
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (0, 1));
    assert!(world.ledger.enter(&[tasks[1].lease]).await.unwrap().is_empty(), "nothing more is begun");
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Concluding);
    world.conclude(request, Outcome::PartlyDone).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::PartlyDone));
}

async fn a_withdrawal_and_an_entry_at_once_agree(world: World) {
    for _ in 0..races() {
        let request = world.resolved(&[Right::Deletion], &["shop"]).await;
        world.approve(request, Right::Deletion, staff(2)).await;
        let task = world.claim_one(request, WorkKind::Task).await;
        let (withdrawing, entering) = (world.ledger.clone(), world.ledger.clone());
        let (withdrawn, entered) = tokio::join!(
            tokio::spawn(async move { withdrawing.withdraw(request, Actor::Subject).await.unwrap() }),
            tokio::spawn(async move { entering.enter(&[task.lease]).await.unwrap() }),
        );
        let (withdrawn, entered) = (withdrawn.unwrap(), entered.unwrap());
        assert_ne!(
            withdrawn.ended.is_empty(),
            entered.is_empty(),
            "one of them won: {withdrawn:?} {entered:?}"
        );
    }
}

async fn a_withdrawn_parked_task_cannot_be_put_back(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    let fault = Fault::permanent("x", "x");
    world.ledger.failed(vec![Failed { lease: task.lease, request, fault, next: Next::Park }]).await.unwrap();
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (0, 1), "it may have changed the store");
    assert_eq!(world.ledger.requeue(&[task.lease.work], staff(2)).await.unwrap(), 0);
    assert_eq!(world.ledger.requeue_by_fault("x", staff(2)).await.unwrap(), 0);
    assert_to_be_concluded(&world, request).await;
}

/// Nothing more is begun, and the conclusion finds out what was done.
async fn assert_to_be_concluded(world: &World, request: RequestId) {
    let job = world.job(request, Right::Deletion).await;
    assert_eq!(job.state, JobState::Concluding);
    assert!(job.tasks.iter().all(|task| task.state == WorkState::Cancelled), "{:?}", job.tasks);
    assert!(world.claim(request, WorkKind::Task).await.is_empty());
    let entered = world.ledger.entered_stores(job.id).await.unwrap();
    assert_eq!(entered.len(), 1, "the store is read again");
    assert!(!world.waiting(request, WorkKind::Conclude).await.is_empty());
    world.assert_audit_whole().await;
}

/// A deletion whose one task is in its store.
async fn in_its_store(world: &World) -> (RequestId, Claimed) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    assert_eq!(world.ledger.enter(&[task.lease]).await.unwrap().len(), 1);
    (request, task)
}

async fn fails_for_now(world: &World, request: RequestId, task: &Claimed) {
    let next = Next::Retry { after: Duration::ZERO, counted: true };
    let fault = Fault::temporary("x", "x");
    world.ledger.failed(vec![Failed { lease: task.lease, request, fault, next }]).await.unwrap();
}

async fn what_waits_to_be_tried_again_is_stopped(world: World) {
    let (request, task) = in_its_store(&world).await;
    fails_for_now(&world, request, &task).await;
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (0, 1));
    assert_to_be_concluded(&world, request).await;
}

async fn what_fails_after_it_was_taken_back_is_not_tried_again(world: World) {
    let (request, task) = in_its_store(&world).await;
    let withdrawn = world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!(withdrawn.too_late.len(), 1);
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running, "it is in there now");
    fails_for_now(&world, request, &task).await;
    assert_to_be_concluded(&world, request).await;
}

async fn what_a_dead_worker_left_in_its_store_is_not_taken_over(world: World) {
    let (request, _) = in_its_store(&world).await;
    world.run("UPDATE work SET lease_until = 1 WHERE kind = 'task'").await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_to_be_concluded(&world, request).await;
}

async fn who_claims_a_task_again_does_not_enter_after_the_withdrawal(world: World) {
    let (request, task) = in_its_store(&world).await;
    fails_for_now(&world, request, &task).await;
    let again = world.claim_one(request, WorkKind::Task).await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert!(world.ledger.enter(&[again.lease]).await.unwrap().is_empty());
    assert_to_be_concluded(&world, request).await;
}

async fn a_refusal_ends_one_job(world: World) {
    let request = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    let deletion = world.job(request, Right::Deletion).await.id;
    world.ledger.refuse(deletion, refusal(), staff(2)).await.unwrap();
    assert_eq!(world.job(request, Right::Deletion).await.outcome, Some(Outcome::Refused));
    assert_eq!(world.view(request).await.state, RequestState::InProgress);
    let access = world.job(request, Right::Access).await.id;
    assert!(world.ledger.refuse(access, refusal(), staff(2)).await.is_err(), "it runs already");
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::PartlyDone));
    assert!(world.send_mails(request).await.contains(&"job-refused".to_owned()));
    world.assert_audit_whole().await;
}

async fn a_refused_job_does_not_keep_others_from_being_proven(world: World) {
    let request = world.accepted(&[Right::Access, Right::Deletion]).await;
    let deletion = world.job(request, Right::Deletion).await.id;
    world.ledger.refuse(deletion, refusal(), staff(2)).await.unwrap();
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running);
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Ended);
}

fn until(due_on: NaiveDate, due_at: DateTime<Utc>) -> Deadline {
    let deadline = crate::samples::new_request("hanako@example.jp", &[Right::Access]).deadline;
    Deadline { due_on, due_at, alert_on: due_on, alert_at: due_at, ..deadline }
}

async fn an_extension_moves_the_date_and_is_told(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let later = NaiveDate::from_ymd_opt(2025, 6, 3).unwrap();
    let due_at = start() + TimeDelta::days(92);
    let deadline = until(later, due_at);
    world.ledger.extend(request, &deadline, &"many stores".parse().unwrap(), staff(2)).await.unwrap();
    let view = world.view(request).await;
    assert_eq!((view.due_on, view.due_at, view.extensions), (later, due_at, 1));
    assert!(world.send_mails(request).await.contains(&"due-date-changed".to_owned()));
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert!(
        world.ledger.extend(request, &deadline, &"again".parse().unwrap(), staff(2)).await.is_err(),
        "it is closed"
    );
}

async fn one_that_cannot_be_read_keeps_no_other_from_its_end(world: World) {
    world.accepted(&[Right::Portability]).await;
    let other = world.accept(crate::steps::new_request("taro@example.jp", &[Right::Access])).await;
    let spoiled = "UPDATE job SET \"right\" = 'nothing' WHERE \"right\" = 'portability'";
    assert_eq!(world.run(spoiled).await, 1);
    world.clock.advance(TimeDelta::days(15));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
    assert_eq!(world.view(other).await.state, RequestState::Closed);
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 0, "told again, and nobody held up");
}

async fn nobody_confirmed_in_time(world: World) {
    let lapsing = world.accepted(&[Right::Access]).await;
    let proven = world.accept(crate::steps::new_request("taro@example.jp", &[Right::Access])).await;
    world.prove(proven).await;
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 0);
    world.clock.advance(TimeDelta::days(15));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 0);
    let view = world.view(lapsing).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Unverified)));
    assert_eq!(world.view(proven).await.state, RequestState::Resolving);
    assert!(world.send_mails(lapsing).await.contains(&"lapsed".to_owned()));
    world.assert_audit_whole().await;
}

async fn a_near_date_is_reported_once(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let ahead = Duration::from_hours(72);
    assert!(world.ledger.report_near_due(ahead, 10).await.unwrap().is_empty());
    world.clock.advance(TimeDelta::days(29));
    let near = world.ledger.report_near_due(ahead, 10).await.unwrap();
    assert_eq!(near.len(), 1);
    assert_eq!((near[0].request, near[0].state), (request, RequestState::AwaitingVerification));
    assert!(world.ledger.report_near_due(ahead, 10).await.unwrap().is_empty(), "once");
    let later = NaiveDate::from_ymd_opt(2025, 4, 4).unwrap();
    world
        .ledger
        .extend(request, &until(later, start() + TimeDelta::days(31)), &"x".parse().unwrap(), staff(2))
        .await
        .unwrap();
    assert_eq!(world.ledger.report_near_due(ahead, 10).await.unwrap().len(), 1, "once for the new date");
}
