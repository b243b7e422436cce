//! What goes on, and how, when a legal hold is lifted.

use chrono::TimeDelta;
use habeas_domain::{JobState, Outcome, RequestState, Right, WorkKind, WorkState};
use habeas_ledger::{LedgerError, TaskDone, WaitsFor};

use crate::{
    holds::{about, key, note, of_request},
    steps::{done, hash, purge_closed, staff},
    withdrawal::refusal,
    world::World,
};

on_both!(
    what_was_approved_goes_on_after_the_lift_if_its_plan_is_the_same,
    a_changed_plan_is_approved_anew,
    what_is_left_of_a_part_waits_and_goes_on,
    a_deferred_deletion_waits_for_the_lift,
    what_was_put_off_after_the_hold_waits_too,
    every_hold_has_to_be_lifted,
);

async fn what_was_approved_goes_on_after_the_lift_if_its_plan_is_the_same(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let placed = world.place(&of_request(request)).await;
    world.lift(&placed).await;
    world.plan_removal(request, &["shop"], hash(1)).await;
    assert_eq!(world.removal_state(request).await, JobState::Running);
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Done));
    world.assert_audit_whole().await;
}

async fn a_changed_plan_is_approved_anew(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let placed = world.place(&of_request(request)).await;
    world.lift(&placed).await;
    world.plan_removal(request, &["shop", "crm"], hash(2)).await;
    assert_eq!(world.removal_state(request).await, JobState::AwaitingApproval);
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.claim(request, WorkKind::Task).await.len(), 2);
}

async fn what_is_left_of_a_part_waits_and_goes_on(world: World) {
    let request = world.running_removal(&["a", "b"]).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    world.ledger.enter(&[tasks[0].lease]).await.unwrap();
    world.ledger.tasks_done(vec![done(&tasks[0])]).await.unwrap();
    let placed = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    assert_eq!(world.removal_state(request).await, JobState::HeldInPart);
    assert!(world.ledger.enter(&[tasks[1].lease]).await.unwrap().is_empty());
    let job = world.job(request, Right::Deletion).await.id;
    assert!(world.ledger.refuse(job, refusal(), staff(2)).await.is_err(), "a part is gone");
    world.lift(&placed).await;
    assert_eq!(world.removal_state(request).await, JobState::Running, "with the keys of its plan");
    world.finish_tasks(request).await;
    assert_eq!(world.removal_state(request).await, JobState::Concluding);
}

async fn a_deferred_deletion_waits_for_the_lift(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    world.ledger.tasks_done(vec![world.deferred(&task)]).await.unwrap();
    world.conclude(request, Outcome::PartlyDone).await;
    assert_eq!(world.view(request).await.state, RequestState::Closed);
    let placed = world.place(&about(&[key("customer_id", "C-4242")])).await;
    assert_eq!(placed.stopped.len(), 1);
    world.clock.advance(TimeDelta::days(400));
    assert_eq!(world.waiting(request, WorkKind::Deferred).await.len(), 0);
    assert_eq!(world.view(request).await.waits_for, [WaitsFor::LegalHold, WaitsFor::Mail]);
    assert_eq!(purge_closed(&world, world.clock_now()).await, 0, "its keys are needed after the lift");
    world.lift(&placed).await;
    assert_eq!(world.waiting(request, WorkKind::Deferred).await.len(), 1);
}

async fn what_was_put_off_after_the_hold_waits_too(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    world.place(&about(&[key("customer_id", "C-4242")])).await;
    // Due at once by the database's clock, which knows nothing of this test's.
    let again_at = Some(world.clock_now());
    world.ledger.tasks_done(vec![TaskDone { again_at, ..done(&task) }]).await.unwrap();
    world.conclude(request, Outcome::PartlyDone).await;
    let rest = world.claim_one(request, WorkKind::Deferred).await;
    assert!(world.ledger.enter(&[rest.lease]).await.unwrap().is_empty());
    let tasks = world.job(request, Right::Deletion).await.tasks;
    assert!(tasks.iter().any(|task| task.kind == WorkKind::Deferred && task.state == WorkState::Held));
}

async fn every_hold_has_to_be_lifted(world: World) {
    let request = world.removal(&[Right::Deletion], &["shop"]).await;
    let first = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    let second = world.place(&of_request(request)).await;
    let lifted = world.ledger.lift_hold(first.id, &note(), staff(8)).await.unwrap();
    assert_eq!((lifted.resumed.len(), lifted.still_held.len()), (0, 1));
    assert_eq!(world.removal_state(request).await, JobState::Held);
    let again = world.ledger.lift_hold(first.id, &note(), staff(8)).await.unwrap_err();
    assert!(matches!(again, LedgerError::Illegal(_)), "{again}");
    let lifted = world.ledger.lift_hold(second.id, &note(), staff(8)).await.unwrap();
    assert_eq!((lifted.resumed.len(), lifted.still_held.len()), (1, 0));
    assert_eq!(world.removal_state(request).await, JobState::AwaitingPlan);
    world.plan_removal(request, &["shop"], hash(1)).await;
    assert_eq!(world.removal_state(request).await, JobState::AwaitingApproval, "lifted holds meet nothing");
}
