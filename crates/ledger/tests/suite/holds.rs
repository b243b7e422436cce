//! Legal holds: what they stop, and when.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use habeas_domain::{
    Fault, HeldKey, JobState, KeyName, Outcome, Personal, RequestId, Right, WorkKind, WorkState,
    approval::{ApprovalPolicy, PlanHash},
};
use habeas_ledger::{
    Claimed, Failed, HoldPlaced, LedgerError, NewHold, Next, SharedWithHeld, TaskDone, WaitsFor,
};

use crate::{
    steps::{LEASE, done, hash, new_request, races, staff, with_policy},
    withdrawal::refusal,
    world::World,
};

on_both!(
    a_hold_stops_what_waits_for_approval,
    a_plan_meets_a_hold_by_any_key_of_the_person,
    a_hold_stops_a_request_by_its_id,
    a_hold_on_somebody_else_of_its_rows_stops_one_task_alone,
    what_shares_rows_waits_no_longer_than_the_hold,
    what_needs_no_approval_is_stopped_too,
    a_hold_before_a_task_enters_wins_over_it,
    what_is_in_its_store_finishes_and_the_rest_waits,
    a_hold_wins_over_a_retry,
    a_parked_task_cannot_be_put_back_against_a_hold,
    a_held_deletion_can_be_refused_or_withdrawn,
    a_correction_is_not_held,
    a_hold_tells_staff_what_it_is_about,
    a_hold_of_nobody_stops_nothing,
    the_keys_of_holds_are_rotated,
    a_hold_and_an_entry_at_once_agree,
    a_hold_and_a_plan_at_once_meet,
);

pub(crate) fn key(name: &str, value: &str) -> HeldKey {
    HeldKey::new(KeyName::new(name).unwrap(), value.to_owned())
}

pub(crate) fn about(keys: &[HeldKey]) -> NewHold {
    NewHold {
        keys: keys.to_vec(),
        requests: Vec::new(),
        reason: Personal::new("Yamada v. Example, hanako's contract".to_owned()),
        review_on: NaiveDate::from_ymd_opt(2025, 9, 1),
    }
}

pub(crate) fn of_request(request: RequestId) -> NewHold {
    NewHold { requests: vec![request], ..about(&[]) }
}

pub(crate) fn note() -> Personal<String> {
    Personal::new("settled with hanako".to_owned())
}

impl World {
    /// Plans with the keys that the resolve found: the address and a customer number.
    pub(crate) async fn plan_removal(&self, request: RequestId, stores: &[&str], hash: PlanHash) {
        let claimed = self.claim_one(request, WorkKind::Resolve).await;
        let removes = vec![key("email", "hanako@example.jp"), key("customer_id", "C-4242")];
        self.planned_with(request, claimed.lease, (stores, hash), removes).await;
    }

    pub(crate) async fn removal(&self, rights: &[Right], stores: &[&str]) -> RequestId {
        let request = self.accepted(rights).await;
        self.prove(request).await;
        self.plan_removal(request, stores, hash(1)).await;
        request
    }

    pub(crate) async fn running_removal(&self, stores: &[&str]) -> RequestId {
        let request = self.removal(&[Right::Deletion], stores).await;
        self.approve(request, Right::Deletion, staff(2)).await;
        request
    }

    pub(crate) async fn place(&self, new: &NewHold) -> HoldPlaced {
        self.ledger.place_hold(new, staff(7)).await.unwrap()
    }

    pub(crate) async fn lift(&self, placed: &HoldPlaced) {
        self.ledger.lift_hold(placed.id, &note(), staff(8)).await.unwrap();
    }

    pub(crate) async fn removal_state(&self, request: RequestId) -> JobState {
        self.job_state(request, Right::Deletion).await
    }

    pub(crate) fn deferred(&self, task: &habeas_ledger::Claimed) -> TaskDone {
        TaskDone { again_at: Some(self.clock_now() + TimeDelta::days(365)), ..done(task) }
    }
}

async fn a_hold_stops_what_waits_for_approval(world: World) {
    let request = world.removal(&[Right::Access, Right::Deletion], &["shop"]).await;
    let placed = world.place(&about(&[key("email", "Hanako@example.jp")])).await;
    let job = world.job(request, Right::Deletion).await;
    assert_eq!((placed.stopped.as_slice(), placed.too_late.len()), ([job.id].as_slice(), 0));
    assert_eq!((job.state, job.holds), (JobState::Held, vec![placed.id]));
    assert_eq!(job.waits_for, [WaitsFor::LegalHold]);
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::LegalHold));
    let refused = world.ledger.approve(job.id, staff(2), job.plan_hash.unwrap()).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Illegal(_)), "{refused}");
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running, "copies go on");
    world.lift(&placed).await;
    assert_eq!(world.removal_state(request).await, JobState::AwaitingPlan);
    world.plan_removal(request, &["shop"], hash(1)).await;
    assert_eq!(world.removal_state(request).await, JobState::AwaitingApproval);
    world.assert_audit_whole().await;
}

async fn a_plan_meets_a_hold_by_any_key_of_the_person(world: World) {
    world.place(&about(&[key("customer_id", "c-4242")])).await;
    let request = world.removal(&[Right::Access, Right::Deletion], &["shop"]).await;
    assert_eq!(world.removal_state(request).await, JobState::Held);
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running);
    let events = world.events(request).await;
    assert!(events.contains(&"held".to_owned()), "{events:?}");
}

async fn a_hold_stops_a_request_by_its_id(world: World) {
    let (early, late) = (
        world.accept(new_request("taro@example.jp", &[Right::Deletion])).await,
        world.removal(&[Right::Deletion], &["shop"]).await,
    );
    let placed = world.place(&NewHold { requests: vec![early, late], ..about(&[]) }).await;
    assert_eq!(placed.stopped.len(), 1);
    assert_eq!(world.removal_state(late).await, JobState::Held);
    assert_eq!(world.removal_state(early).await, JobState::AwaitingVerification);
    world.prove(early).await;
    world.plan_removal(early, &["shop"], hash(1)).await;
    assert_eq!(world.removal_state(early).await, JobState::Held);
    let unknown = of_request(world.ledger.ids().fresh());
    let refused = world.ledger.place_hold(&unknown, staff(7)).await.unwrap_err();
    assert!(matches!(refused, LedgerError::NotFound("request")), "{refused}");
    assert_eq!(world.ledger.list_holds(true).await.unwrap().items.len(), 1, "what was refused left nothing");
}

/// Of the task of a deletion that has entered its store, with rows that are also about whom a hold is on.
fn shared(task: &Claimed, placed: &HoldPlaced) -> SharedWithHeld {
    SharedWithHeld {
        lease: task.lease,
        request: task.request,
        entered_before: task.entered_before,
        holds: [placed.id].into(),
    }
}

async fn a_hold_on_somebody_else_of_its_rows_stops_one_task_alone(world: World) {
    let placed = world.place(&about(&[key("email", "taro@example.jp")])).await;
    let holds = world.ledger.standing_holds().await.unwrap();
    assert_eq!(holds.on(&key("email", "TARO@example.jp")).collect::<Vec<_>>(), [placed.id]);
    assert_eq!(holds.on(&key("email", "hanako@example.jp")).count(), 0);
    let request = world.running_removal(&["calls", "shop"]).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    let (calls, shop): (Vec<&Claimed>, Vec<&Claimed>) =
        tasks.iter().partition(|task| task.store.as_ref().is_some_and(|store| store.as_str() == "calls"));
    world.ledger.enter(&[calls[0].lease]).await.unwrap();
    world.ledger.hold_beside(&[shared(calls[0], &placed)]).await.unwrap();
    let job = world.job(request, Right::Deletion).await;
    assert_eq!((job.state, job.holds), (JobState::Running, vec![placed.id]));
    assert_eq!(world.ledger.enter(&[shop[0].lease]).await.unwrap().len(), 1, "the other store goes on");
    world.ledger.tasks_done(vec![done(shop[0])]).await.unwrap();
    let job = world.job(request, Right::Deletion).await;
    assert_eq!((job.state, job.waits_for), (JobState::HeldInPart, vec![WaitsFor::LegalHold]));
    assert!(world.claim(request, WorkKind::Task).await.is_empty());
    world.lift(&placed).await;
    assert_eq!(world.removal_state(request).await, JobState::Running);
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.assert_audit_whole().await;
}

/// Lifted in the moment between looking and stopping; and lifted where it stood in the way of nothing that was done yet.
async fn what_shares_rows_waits_no_longer_than_the_hold(world: World) {
    let placed = world.place(&about(&[key("email", "taro@example.jp")])).await;
    let request = world.running_removal(&["calls"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    world.lift(&placed).await;
    world.ledger.hold_beside(&[shared(&task, &placed)]).await.unwrap();
    assert_eq!(world.removal_state(request).await, JobState::Running);
    let task = world.claim_one(request, WorkKind::Task).await;
    assert_eq!((task.attempts, task.entered_before), (1, false), "as if nothing had been");
    let other = world.place(&about(&[key("email", "taro@example.jp")])).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    world.ledger.hold_beside(&[shared(&task, &other)]).await.unwrap();
    assert_eq!(world.removal_state(request).await, JobState::Held, "nothing of it was done");
    let own = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    world.lift(&other).await;
    assert_eq!(world.removal_state(request).await, JobState::Held, "for the person's own hold");
    world.lift(&own).await;
    assert_eq!(world.removal_state(request).await, JobState::AwaitingPlan);
    world.assert_audit_whole().await;
}

async fn what_needs_no_approval_is_stopped_too(world: World) {
    world.place(&about(&[key("email", "hanako@example.jp")])).await;
    let new = with_policy(new_request("hanako@example.jp", &[Right::Deletion]), ApprovalPolicy::Automatic);
    let request = world.accept(new).await;
    world.prove(request).await;
    world.plan_removal(request, &["shop"], hash(1)).await;
    assert_eq!(world.removal_state(request).await, JobState::Held);
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
}

async fn a_hold_before_a_task_enters_wins_over_it(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    let placed = world.place(&about(&[key("customer_id", "C-4242")])).await;
    assert_eq!(placed.too_late.len(), 0);
    assert!(world.ledger.enter(&[task.lease]).await.unwrap().is_empty());
    assert!(world.ledger.heartbeat(&[task.lease], LEASE).await.unwrap().is_empty());
    let next = Next::Retry { after: Duration::ZERO, counted: true };
    let fault = Fault::temporary("x", "x");
    world.ledger.failed(vec![Failed { lease: task.lease, request, fault, next }]).await.unwrap();
    assert!(world.claim(request, WorkKind::Task).await.is_empty(), "no retry brings it back");
    let again = world.ledger.claim(&[task.lease.work], world.worker(), LEASE).await.unwrap();
    assert!(again.is_empty(), "nor a claim");
    let queue = "habeas.store.shop".to_owned();
    assert!(world.ledger.due(Duration::ZERO, 10).await.unwrap().iter().all(|due| due.queue != queue));
    assert_eq!(world.ledger.abandoned(&[queue], 10).await.unwrap(), [], "nor does anybody rescue it");
    let job = world.job(request, Right::Deletion).await;
    assert_eq!((job.state, job.tasks[0].state), (JobState::Held, WorkState::Held));
}

async fn what_is_in_its_store_finishes_and_the_rest_waits(world: World) {
    let request = world.running_removal(&["a", "b"]).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    world.ledger.enter(&[tasks[0].lease]).await.unwrap();
    let placed = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    assert_eq!((placed.stopped.len(), placed.too_late.len()), (0, 1));
    assert_eq!(world.removal_state(request).await, JobState::Running);
    world.ledger.tasks_done(vec![done(&tasks[0])]).await.unwrap();
    assert_eq!(world.removal_state(request).await, JobState::HeldInPart);
    let job = world.job(request, Right::Deletion).await.id;
    world.ledger.accept_part(job, staff(2)).await.unwrap();
    world.conclude(request, Outcome::PartlyDone).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::PartlyDone));
    world.lift(&placed).await;
    assert!(world.waiting(request, WorkKind::Task).await.is_empty(), "what was given up stays so");
    world.assert_audit_whole().await;
}

async fn a_hold_wins_over_a_retry(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    let placed = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    assert_eq!(placed.too_late.len(), 1);
    let next = Next::Retry { after: Duration::ZERO, counted: true };
    let fault = Fault::temporary("x", "x");
    world.ledger.failed(vec![Failed { lease: task.lease, request, fault, next }]).await.unwrap();
    let again = world.claim_one(request, WorkKind::Task).await;
    assert!(world.ledger.enter(&[again.lease]).await.unwrap().is_empty(), "it is not tried again");
    let job = world.job(request, Right::Deletion).await;
    assert_eq!((job.state, job.tasks[0].state), (JobState::HeldInPart, WorkState::Held));
    world.lift(&placed).await;
    world.finish_tasks(request).await;
    assert_eq!(world.removal_state(request).await, JobState::Concluding);
}

async fn a_parked_task_cannot_be_put_back_against_a_hold(world: World) {
    let request = world.running_removal(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    let fault = Fault::permanent("x", "x");
    world.ledger.failed(vec![Failed { lease: task.lease, request, fault, next: Next::Park }]).await.unwrap();
    assert_eq!(world.removal_state(request).await, JobState::Stalled);
    let placed = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    assert_eq!(world.removal_state(request).await, JobState::Held);
    assert_eq!(world.ledger.requeue(&[task.lease.work], staff(2)).await.unwrap(), 0);
    assert_eq!(world.ledger.requeue_by_fault("x", staff(2)).await.unwrap(), 0);
    world.lift(&placed).await;
    world.plan_removal(request, &["shop"], hash(1)).await;
    world.finish_tasks(request).await;
    assert_eq!(world.removal_state(request).await, JobState::Concluding);
}

async fn a_held_deletion_can_be_refused_or_withdrawn(world: World) {
    let refused = world.running_removal(&["shop"]).await;
    world.place(&of_request(refused)).await;
    let job = world.job(refused, Right::Deletion).await.id;
    world.ledger.refuse(job, refusal(), staff(2)).await.unwrap();
    assert_eq!(world.view(refused).await.outcome, Some(Outcome::Refused));
    assert_eq!(world.job(refused, Right::Deletion).await.tasks[0].state, WorkState::Cancelled);
    let withdrawn = world.running_removal(&["shop"]).await;
    let placed = world.place(&of_request(withdrawn)).await;
    world.ledger.withdraw(withdrawn, habeas_domain::Actor::Subject).await.unwrap();
    assert_eq!(world.view(withdrawn).await.outcome, Some(Outcome::Withdrawn));
    world.lift(&placed).await;
    assert_eq!(world.removal_state(withdrawn).await, JobState::Ended);
    assert!(world.waiting(withdrawn, WorkKind::Task).await.is_empty());
}

async fn a_correction_is_not_held(world: World) {
    world.place(&about(&[key("email", "hanako@example.jp")])).await;
    let request = world.removal(&[Right::Correction, Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Correction, staff(2)).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    assert_eq!(world.ledger.enter(&[task.lease]).await.unwrap().len(), 1);
    assert_eq!(world.removal_state(request).await, JobState::Held);
}

async fn a_hold_tells_staff_what_it_is_about(world: World) {
    let request = world.removal(&[Right::Deletion], &["shop"]).await;
    let placed = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    let view = world.ledger.hold(placed.id).await.unwrap();
    assert_eq!((view.placed_by, view.placed_at), (staff(7), world.clock_now()));
    assert_eq!(view.reason.expose(), "Yamada v. Example, hanako's contract");
    assert_eq!((view.keys.len(), view.jobs[0].request), (1, request));
    let gauges = world.ledger.gauges().await.unwrap();
    assert_eq!((gauges.holds, gauges.holds_to_review, gauges.held_jobs), (1, 0, 1));
    world.clock.advance(TimeDelta::days(200));
    assert_eq!(world.ledger.gauges().await.unwrap().holds_to_review, 1);
    world.lift(&placed).await;
    assert!(world.ledger.list_holds(false).await.unwrap().items.is_empty());
    let view = world.ledger.list_holds(true).await.unwrap().items.pop().unwrap();
    let lifted = view.lifted.unwrap();
    assert_eq!((lifted.by, lifted.note.expose().as_str()), (staff(8), "settled with hanako"));
    let trail = world.ledger.hold_trail(placed.id).await.unwrap();
    let events: Vec<&str> = trail.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events, ["hold-placed", "hold-lifted"]);
    assert!(trail.iter().all(|entry| !entry.detail.contains("hanako")));
    let gauges = world.ledger.gauges().await.unwrap();
    assert_eq!((gauges.holds, gauges.holds_to_review, gauges.held_jobs), (0, 0, 0));
    world.assert_audit_whole().await;
}

async fn a_hold_of_nobody_stops_nothing(world: World) {
    let placed = world.place(&about(&[key("email", "taro@example.jp"), key("order_id", "C-4242")])).await;
    let request = world.running_removal(&["shop"]).await;
    assert_eq!(placed.stopped.len() + placed.too_late.len(), 0);
    world.finish_tasks(request).await;
    assert_eq!(world.removal_state(request).await, JobState::Concluding);
}

async fn the_keys_of_holds_are_rotated(world: World) {
    let placed = world.place(&about(&[key("email", "hanako@example.jp")])).await;
    let mut ring = world.ring.clone();
    ring.rotate_wrapping(&habeas_domain::SystemEntropy, &*world.clock);
    world.ledger.vault().reload(&ring).unwrap();
    let rewrapped = world.ledger.rewrap_holds(None, 10).await.unwrap();
    assert_eq!((rewrapped.done, rewrapped.failed, rewrapped.next), (1, 0, None));
    let keys = world.ledger.wrapping_keys().await.unwrap();
    assert_eq!(keys.into_keys().collect::<Vec<_>>(), [world.ledger.vault().active_wrapping_key()]);
    assert!(world.ledger.hold(placed.id).await.is_ok());
}

async fn a_hold_and_an_entry_at_once_agree(world: World) {
    let (mut held, mut entered) = (0, 0);
    for _ in 0..races() {
        let request = world.running_removal(&["shop"]).await;
        let task = world.claim_one(request, WorkKind::Task).await;
        let (holding, entering) = (world.ledger.clone(), world.ledger.clone());
        let new = of_request(request);
        let (placed, got) = tokio::join!(
            tokio::spawn(async move { holding.place_hold(&new, staff(7)).await.unwrap() }),
            tokio::spawn(async move { entering.enter(&[task.lease]).await.unwrap() }),
        );
        let (placed, got) = (placed.unwrap(), got.unwrap());
        assert_ne!(placed.stopped.is_empty(), got.is_empty(), "one of them won: {placed:?} {got:?}");
        assert!(
            world.ledger.enter(&[task.lease]).await.unwrap().is_empty(),
            "nothing enters after its commit"
        );
        held += usize::from(got.is_empty());
        entered += got.len();
    }
    assert_eq!(held + entered, races());
}

async fn a_hold_and_a_plan_at_once_meet(world: World) {
    for n in 0..races() / 4 {
        let new =
            with_policy(new_request("hanako@example.jp", &[Right::Deletion]), ApprovalPolicy::Automatic);
        let request = world.accept(new).await;
        world.prove(request).await;
        let hold = about(&[key("customer_id", "C-4242")]);
        let holding = world.ledger.clone();
        let (placed, ()) = tokio::join!(
            tokio::spawn(async move { holding.place_hold(&hold, staff(7)).await.unwrap() }),
            world.plan_removal(request, &["shop"], hash(1)),
        );
        assert_eq!(world.removal_state(request).await, JobState::Held, "race {n}");
        assert!(world.claim(request, WorkKind::Task).await.is_empty());
        world.lift(&placed.unwrap()).await;
        world.ledger.withdraw(request, habeas_domain::Actor::Subject).await.unwrap();
    }
}
