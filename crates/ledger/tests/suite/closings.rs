//! Closed stores: what waits while one is closed, and what opens it again.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{HeldKey, JobState, KeyName, KeyValue, Outcome, RequestId, Right, WorkKind};
use habeas_ledger::{ClosingRefused, Erased, LedgerError, ReErased, ReErasing, TaskDone, WaitsFor};

use crate::{
    steps::{contradiction, done, staff, store},
    world::World,
};

on_both!(
    a_closed_store_takes_no_work,
    what_was_claimed_before_the_closing_cannot_enter_after_it,
    nobody_is_resolved_while_a_store_is_closed,
    what_was_resolved_before_the_closing_is_resolved_again,
    a_resolve_that_outlived_a_closing_plans_nothing,
    due_dates_go_on_while_a_store_is_closed,
    a_store_is_closed_once,
    two_closings_at_once_are_one,
    a_store_is_reopened_after_a_whole_re_erasing,
    an_admin_may_say_why_not,
    every_closing_is_listed_when_its_store_is_open_again,
    erasing_again_waits_for_what_is_still_in_the_store,
    work_of_a_dead_worker_keeps_nobody_waiting,
);

pub(crate) fn key(name: &str, value: &str) -> (KeyName, KeyValue) {
    (KeyName::new(name).unwrap(), KeyValue::new(value).unwrap())
}

pub(crate) fn keys() -> Vec<(KeyName, KeyValue)> {
    vec![key("email", "hanako@example.jp"), key("customer_id", "C-4242")]
}

impl World {
    async fn removing(&self, stores: &[&str]) -> RequestId {
        let request = self.accepted(&[Right::Deletion]).await;
        self.prove(request).await;
        let claimed = self.claim_one(request, WorkKind::Resolve).await;
        let removes = vec![HeldKey::new(KeyName::new("customer_id").unwrap(), "C-4242".to_owned())];
        self.planned_with(request, claimed.lease, (stores, crate::steps::hash(1)), removes).await;
        self.approve(request, Right::Deletion, staff(2)).await;
        request
    }

    /// A deletion that is done in the shop.
    pub(crate) async fn erased_in_the_shop(&self) -> RequestId {
        let request = self.removing(&["shop"]).await;
        let task = self.claim_one(request, WorkKind::Task).await;
        let erased = Some(Erased { keys: keys(), since: None });
        self.ledger.tasks_done(vec![TaskDone { erased, ..done(&task) }]).await.unwrap();
        self.conclude(request, Outcome::Done).await;
        request
    }

    pub(crate) async fn close(&self, name: &str) {
        self.ledger.close_store(&store(name), "its disk failed", staff(9)).await.unwrap();
    }

    pub(crate) async fn reopen(&self, name: &str) -> Result<(), LedgerError> {
        self.ledger.reopen_store(&store(name), None, staff(9)).await
    }

    pub(crate) async fn run_from(&self, restored_to: DateTime<Utc>) -> ReErasing {
        self.ledger.begin_re_erasing(&store("shop"), restored_to, staff(9)).await.unwrap()
    }

    pub(crate) async fn found(&self, run: &ReErasing) -> Vec<RequestId> {
        let found = self.ledger.erasures_of(run, &keys()).await.unwrap();
        found.into_keys().map(|erasure| erasure.request).collect()
    }
}

pub(crate) fn refusal(error: &LedgerError) -> ClosingRefused {
    match error {
        LedgerError::Closing(refused) => *refused,
        other => panic!("{other}"),
    }
}

async fn a_closed_store_takes_no_work(world: World) {
    let request = world.removing(&["desk", "shop"]).await;
    world.close("shop").await;
    let claimed = world.claim(request, WorkKind::Task).await;
    let stores: Vec<String> = claimed.iter().flat_map(|one| &one.store).map(ToString::to_string).collect();
    assert_eq!(stores, ["desk"]);
    let due = world.ledger.due(Duration::ZERO, 9).await.unwrap();
    let told = due.iter().any(|one| one.queue == "habeas.store.shop");
    assert!(!told && !due.is_empty(), "and nobody is told of it");
    let job = world.job(request, Right::Deletion).await;
    assert!(job.waits_for.contains(&WaitsFor::ClosedStore), "{:?}", job.waits_for);
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::ClosedStore));
    assert!(job.tasks.iter().all(|task| task.fault.is_none()), "it is no fault");
    world.ledger.reopen_store(&store("shop"), Some("nothing was restored"), staff(9)).await.unwrap();
    assert_eq!(world.claim(request, WorkKind::Task).await.len(), 1);
    assert!(!world.view(request).await.waits_for.contains(&WaitsFor::ClosedStore));
    world.assert_audit_whole().await;
}

async fn what_was_claimed_before_the_closing_cannot_enter_after_it(world: World) {
    let request = world.removing(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.close("shop").await;
    assert!(world.ledger.enter(&[task.lease]).await.unwrap().is_empty());
    let waiting = world.job(request, Right::Deletion).await.tasks.remove(0);
    assert_eq!((waiting.attempts, waiting.fault), (0, None), "no attempt is used up");
    world.ledger.reopen_store(&store("shop"), Some("nothing was restored"), staff(9)).await.unwrap();
    let again = world.claim_one(request, WorkKind::Task).await;
    assert_eq!(world.ledger.enter(&[again.lease]).await.unwrap().len(), 1);
}

async fn nobody_is_resolved_while_a_store_is_closed(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world.prove(request).await;
    world.close("shop").await;
    assert!(world.claim(request, WorkKind::Resolve).await.is_empty(), "what the store holds would be missed");
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::ClosedStore));
    world.ledger.reopen_store(&store("shop"), Some("nothing was restored"), staff(9)).await.unwrap();
    assert_eq!(world.claim(request, WorkKind::Resolve).await.len(), 1);
}

async fn what_was_resolved_before_the_closing_is_resolved_again(world: World) {
    let request = world.accepted(&[Right::Deletion]).await;
    world.prove(request).await;
    let resolve = world.claim_one(request, WorkKind::Resolve).await;
    let closed = world.ledger.close_store(&store("shop"), "its disk failed", staff(9)).await.unwrap();
    assert_eq!(closed.working, 1, "it asks every store");
    let early = world.ledger.begin_re_erasing(&store("shop"), world.clock_now(), staff(9)).await.unwrap_err();
    assert_eq!(refusal(&early), ClosingRefused::Working(1));
    // It has read the half-restored shop by now, and found nothing there.
    world.planned_with(request, resolve.lease, (&["desk"], crate::steps::hash(1)), Vec::new()).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan);
    world.ledger.review_needed(resolve.lease, request, &contradiction("o@example.com")).await.unwrap();
    world.run_from(world.clock_now()).await;
    world.ledger.reopen_store(&store("shop"), Some("nothing was restored"), staff(9)).await.unwrap();
    let again = world.claim_one(request, WorkKind::Resolve).await;
    assert_eq!(again.attempts, 1, "no attempt was used up");
    world.planned_with(request, again.lease, (&["desk", "shop"], crate::steps::hash(1)), Vec::new()).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingApproval);
}

async fn a_resolve_that_outlived_a_closing_plans_nothing(world: World) {
    let request = world.accepted(&[Right::Deletion]).await;
    world.prove(request).await;
    let resolve = world.claim_one(request, WorkKind::Resolve).await;
    world.close("shop").await;
    world.run("UPDATE work SET lease_until = 1 WHERE state = 'running'").await;
    world.run_from(world.clock_now()).await;
    world.ledger.reopen_store(&store("shop"), Some("nothing was restored"), staff(9)).await.unwrap();
    world.planned_with(request, resolve.lease, (&["desk"], crate::steps::hash(1)), Vec::new()).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan);
    assert_eq!(world.claim(request, WorkKind::Resolve).await.len(), 1);
}

async fn due_dates_go_on_while_a_store_is_closed(world: World) {
    let request = world.removing(&["shop"]).await;
    world.close("shop").await;
    world.clock.advance(TimeDelta::days(30));
    let near = world.ledger.report_near_due(Duration::from_hours(72), 9).await.unwrap();
    assert_eq!(near.iter().map(|one| one.request).collect::<Vec<_>>(), [request]);
}

async fn a_store_is_closed_once(world: World) {
    world.close("shop").await;
    let again = world.ledger.close_store(&store("shop"), "again", staff(9)).await.unwrap_err();
    assert_eq!(refusal(&again), ClosingRefused::Closed);
    world.close("desk").await;
    assert_eq!(world.ledger.count_closed_stores().await.unwrap(), 2);
    assert_eq!(refusal(&world.reopen("attic").await.unwrap_err()), ClosingRefused::Open);
}

async fn two_closings_at_once_are_one(world: World) {
    let shop = store("shop");
    let closing = |n| world.ledger.close_store(&shop, "at once", staff(n));
    let (one, other) = tokio::join!(closing(1), closing(2));
    let refused = [one, other].into_iter().filter_map(Result::err).map(|error| refusal(&error));
    assert_eq!(refused.collect::<Vec<_>>(), [ClosingRefused::Closed]);
}

async fn a_store_is_reopened_after_a_whole_re_erasing(world: World) {
    let before = world.clock_now();
    world.close("shop").await;
    assert_eq!(refusal(&world.reopen("shop").await.unwrap_err()), ClosingRefused::NotReErased);
    let run = world.run_from(before).await;
    let left = ReErased { scanned: 9, back: 1, unclear: 1, ..ReErased::default() };
    world.ledger.end_re_erasing(&run, &left).await.unwrap();
    assert_eq!(refusal(&world.reopen("shop").await.unwrap_err()), ClosingRefused::NotReErased);
    let whole = ReErased { scanned: 9, ..ReErased::default() };
    world.ledger.end_re_erasing(&run, &whole).await.unwrap();
    let closing = world.ledger.closed_store(&store("shop")).await.unwrap().unwrap();
    assert_eq!((closing.did, closing.whole, closing.restored_to), (Some(whole), true, Some(before)));
    world.reopen("shop").await.unwrap();
    let past = world.ledger.past_closing(closing.id).await.unwrap();
    let reopened = past.reopened.unwrap();
    assert_eq!((past.re_erased, past.restored_to, reopened.without), (0, Some(before), None));
    world.close("shop").await;
    let late = world.ledger.end_re_erasing(&run, &whole).await.unwrap_err();
    assert_eq!(refusal(&late), ClosingRefused::Open, "that was another closing");
    let trail = world.ledger.closing_trail(closing.id).await.unwrap();
    let events: Vec<&str> = trail.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events, ["store-closed", "re-erasing-ended", "re-erasing-ended", "store-reopened"]);
    world.assert_audit_whole().await;
}

async fn an_admin_may_say_why_not(world: World) {
    world.close("shop").await;
    world.ledger.reopen_store(&store("shop"), Some("the backup is from today"), staff(9)).await.unwrap();
    assert!(world.ledger.closed_stores().await.unwrap().is_empty());
}

async fn every_closing_is_listed_when_its_store_is_open_again(world: World) {
    let before = world.clock_now();
    world.close("shop").await;
    let run = world.run_from(before).await;
    for (re_erased, failed) in [(3, 1), (1, 0)] {
        let did = ReErased { scanned: 9, back: re_erased + failed, re_erased, failed, ..ReErased::default() };
        world.ledger.end_re_erasing(&run, &did).await.unwrap();
    }
    world.reopen("shop").await.unwrap();
    world.clock.advance(TimeDelta::days(1));
    world.close("attic").await;
    world.close("shop").await;
    world.ledger.reopen_store(&store("shop"), Some("the backup is from today"), staff(8)).await.unwrap();
    assert_eq!(world.ledger.closings(None).await.unwrap().items.len(), 3);
    let of_shop = world.ledger.closings(Some(&store("shop"))).await.unwrap().items;
    let told = of_shop.iter().map(|one| {
        let end = one.reopened.as_ref().unwrap();
        (one.closed_by, one.re_erased, one.restored_to, end.by, end.without.as_deref())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (staff(9), 0, None, staff(8), Some("the backup is from today")),
            (staff(9), 4, Some(before), staff(9), None)
        ],
        "latest first, with all that was erased again"
    );
    let attic = world.ledger.closings(Some(&store("attic"))).await.unwrap().items;
    assert_eq!((attic[0].reopened.clone(), attic[0].restored_to), (None, None), "it is closed still");
    let trail = world.ledger.closing_trail(of_shop[1].id).await.unwrap();
    assert_eq!(trail.last().unwrap().event, "store-reopened");
    world.assert_audit_whole().await;
}

async fn erasing_again_waits_for_what_is_still_in_the_store(world: World) {
    let request = world.removing(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    let closed = world.ledger.close_store(&store("shop"), "its disk failed", staff(9)).await.unwrap();
    assert_eq!(closed.working, 1);
    let early = world.ledger.begin_re_erasing(&store("shop"), world.clock_now(), staff(9)).await.unwrap_err();
    assert_eq!(refusal(&early), ClosingRefused::Working(1));
    world.ledger.tasks_done(vec![done(&task)]).await.unwrap();
    world.run_from(world.clock_now()).await;
}

async fn work_of_a_dead_worker_keeps_nobody_waiting(world: World) {
    let request = world.removing(&["shop"]).await;
    let task = world.claim_one(request, WorkKind::Task).await;
    world.ledger.enter(&[task.lease]).await.unwrap();
    world.close("shop").await;
    world.run("UPDATE work SET lease_until = 1 WHERE state = 'running'").await;
    world.run_from(world.clock_now()).await;
    let queue = [task.store.as_ref().map(|store| format!("habeas.store.{store}")).unwrap()];
    assert_eq!(world.ledger.abandoned(&queue, 9).await.unwrap(), [], "nobody takes it over");
    world.ledger.reopen_store(&store("shop"), Some("nothing was restored"), staff(9)).await.unwrap();
    assert_eq!(world.ledger.abandoned(&queue, 9).await.unwrap().len(), 1);
}

impl World {
    /// A run that is under way in the closed shop.
    pub(crate) async fn running(&self, restored_to: DateTime<Utc>) -> ReErasing {
        let run = self.run_from(restored_to).await;
        self.ledger.re_erasing_begins(&run, &BTreeSet::new(), true).await.unwrap();
        run
    }
}
