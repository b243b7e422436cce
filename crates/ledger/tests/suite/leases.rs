//! Leases: one holder at a time, by the database's clock alone.

use std::{collections::HashSet, sync::Arc, time::Duration};

use habeas_domain::{Right, WorkId, WorkKind, WorkState};
use habeas_ledger::{Abandoned, Lease};
use habeas_test_support::wait;
use tokio::sync::Barrier;

use crate::{
    steps::{LEASE, new_request},
    world::World,
};

on_both!(
    each_piece_goes_to_one_worker,
    a_lease_runs_out_by_the_databases_clock,
    a_heartbeat_prolongs_what_is_held,
    thousands_of_leases_fit_one_statement,
    handing_back_uses_up_no_attempt,
    one_busy_queue_hides_no_other,
    what_a_worker_let_run_out_is_found_by_its_queue,
    of_many_left_on_a_queue_some_are_told_of_each,
    work_of_a_later_release_is_left_to_it,
);

/// A lease that ends as soon as it is given.
const ENDS: Duration = Duration::from_millis(1);

/// Longer than anything that is expected to happen.
const LIMIT: Duration = Duration::from_mins(1);

async fn each_piece_goes_to_one_worker(world: World) {
    let new = (0..60).map(|n| new_request(&format!("person{n}@example.jp"), &[Right::Access])).collect();
    world.ledger.accept(new).await.unwrap();
    let filter = habeas_ledger::WorkFilter { kind: Some(WorkKind::Mail), ..Default::default() };
    let page = world.ledger.work_list(&filter, None, 100).await.unwrap();
    let ids: Arc<Vec<WorkId>> = Arc::new(page.items.into_iter().map(|work| work.id).collect());
    assert_eq!(ids.len(), 60);
    let barrier = Arc::new(Barrier::new(4));
    let workers = (0..4).map(|_| {
        let (ledger, ids, barrier, worker) =
            (world.ledger.clone(), Arc::clone(&ids), Arc::clone(&barrier), world.worker());
        tokio::spawn(async move {
            barrier.wait().await;
            let mut mine = Vec::new();
            for group in ids.chunks(15) {
                mine.extend(ledger.claim(group, worker, LEASE).await.unwrap());
            }
            mine
        })
    });
    let mut held = HashSet::new();
    for worker in workers.collect::<Vec<_>>() {
        for claimed in worker.await.unwrap() {
            assert_eq!((claimed.lease.epoch, claimed.attempts), (1, 1));
            assert!(held.insert(claimed.lease.work), "claimed twice");
        }
    }
    assert_eq!(held.len(), 60);
}

async fn thousands_of_leases_fit_one_statement(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let held = world.claim_one(request, WorkKind::Mail).await.lease;
    let others = (0..5_000).map(|epoch| Lease { work: world.ledger.ids().fresh(), epoch });
    let leases: Vec<Lease> = others.chain([held]).collect();
    assert_eq!(world.ledger.heartbeat(&leases, LEASE).await.unwrap(), [held]);
}

async fn a_lease_runs_out_by_the_databases_clock(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let ids = world.waiting(request, WorkKind::Mail).await;
    let first = world.ledger.claim(&ids, world.worker(), LEASE).await.unwrap().remove(0);
    assert!(world.ledger.claim(&ids, world.worker(), LEASE).await.unwrap().is_empty(), "held");
    world.clock.advance(chrono::TimeDelta::days(400));
    assert!(
        world.ledger.claim(&ids, world.worker(), LEASE).await.unwrap().is_empty(),
        "our clock is nothing"
    );
    assert_eq!(world.ledger.heartbeat(&[first.lease], ENDS).await.unwrap(), [first.lease], "still held");
    let rescuer = world.worker();
    let second = wait::value("the lease to run out", LIMIT, || async {
        world.ledger.claim(&ids, rescuer, LEASE).await.unwrap().pop()
    });
    let second = second.await.unwrap();
    assert_eq!((second.lease.epoch, second.attempts), (first.lease.epoch + 1, 2));
    assert!(world.ledger.heartbeat(&[first.lease], LEASE).await.unwrap().is_empty());
    assert_eq!(world.ledger.heartbeat(&[second.lease], LEASE).await.unwrap(), [second.lease]);
}

async fn a_heartbeat_prolongs_what_is_held(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let ids = world.waiting(request, WorkKind::Mail).await;
    let held = world.ledger.claim(&ids, world.worker(), Duration::from_mins(1)).await.unwrap().remove(0);
    let filter = habeas_ledger::WorkFilter { state: Some(WorkState::Running), ..Default::default() };
    let before = world.ledger.work_list(&filter, None, 10).await.unwrap().items[0].lease_until.unwrap();
    assert_eq!(world.ledger.heartbeat(&[held.lease], LEASE).await.unwrap(), [held.lease]);
    let after = world.ledger.work_list(&filter, None, 10).await.unwrap().items[0].lease_until.unwrap();
    assert!(after > before + chrono::TimeDelta::minutes(3), "{before} {after}");
}

async fn handing_back_uses_up_no_attempt(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    for _ in 0..3 {
        let claimed = world.claim_one(request, WorkKind::Mail).await;
        assert_eq!(claimed.attempts, 1);
        world.ledger.release(&[claimed.lease]).await.unwrap();
    }
    let stale = world.claim_one(request, WorkKind::Mail).await;
    world.ledger.release(&[stale.lease]).await.unwrap();
    let held = world.claim_one(request, WorkKind::Mail).await;
    world.ledger.release(&[stale.lease]).await.unwrap();
    assert_eq!(
        world.ledger.heartbeat(&[held.lease], LEASE).await.unwrap(),
        [held.lease],
        "not the stale one's"
    );
}

async fn one_busy_queue_hides_no_other(world: World) {
    let new = (0..9).map(|n| new_request(&format!("person{n}@example.jp"), &[Right::Access])).collect();
    world.ledger.accept(new).await.unwrap();
    let due = world.ledger.due(Duration::ZERO, 4).await.unwrap();
    for queue in ["habeas.mail", "habeas.challenge"] {
        assert_eq!(due.iter().filter(|one| one.queue == queue).count(), 4, "{queue}");
    }
}

async fn what_a_worker_let_run_out_is_found_by_its_queue(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let mail = world.waiting(request, WorkKind::Mail).await;
    world.ledger.claim(&mail, world.worker(), ENDS).await.unwrap();
    let (own, other) = ("habeas.mail".to_owned(), "habeas.challenge".to_owned());
    let queues = [own.clone(), other.clone()];
    let left = wait::value("the lease to run out", LIMIT, || async {
        let left = world.ledger.abandoned(&queues, 10).await.unwrap();
        (!left.is_empty()).then_some(left)
    });
    assert_eq!(left.await.unwrap(), [Abandoned { work: mail[0], queue: own.clone() }]);
    assert_eq!(world.ledger.abandoned(&[other], 10).await.unwrap(), [], "that is another lane's");
    let due = world.ledger.due(Duration::ZERO, 10).await.unwrap();
    assert_eq!(due.len(), 1, "what was claimed once is announced no more: {due:?}");
    world.ledger.claim(&mail, world.worker(), LEASE).await.unwrap();
    assert_eq!(world.ledger.abandoned(&[own], 10).await.unwrap(), [], "somebody has it again");
}

async fn of_many_left_on_a_queue_some_are_told_of_each(world: World) {
    let new = (0..9).map(|n| new_request(&format!("person{n}@example.jp"), &[Right::Access])).collect();
    world.ledger.accept(new).await.unwrap();
    let due = world.ledger.due(Duration::ZERO, 10).await.unwrap();
    let works = due.iter().filter_map(|one| habeas_messages::Announcement::decode(one.body.as_bytes()).ok());
    let all: Vec<_> = works.map(|announcement| announcement.id).collect();
    assert_eq!(world.ledger.claim(&all, world.worker(), Duration::ZERO).await.unwrap().len(), 18);
    let queues = ["habeas.mail".to_owned(), "habeas.challenge".to_owned()];
    let left = wait::value("the leases to run out", LIMIT, || async {
        let left = world.ledger.abandoned(&queues, 4).await.unwrap();
        (left.len() == 8).then_some(left)
    });
    let left = left.await.unwrap();
    for queue in &queues {
        assert_eq!(left.iter().filter(|one| one.queue == *queue).count(), 4, "{queue}");
    }
}

/// In the middle of an upgrade: the newer processes order work that the older ones know nothing of.
async fn work_of_a_later_release_is_left_to_it(world: World) {
    let (ours, theirs) = (world.accepted(&[Right::Access]).await, world.accepted(&[Right::Access]).await);
    let mail = world.waiting(ours, WorkKind::Mail).await;
    let strange = world.waiting(theirs, WorkKind::Mail).await;
    let changed = world
        .run(
            "UPDATE work SET kind = 'of-later' WHERE kind = 'mail' AND id NOT IN (
        SELECT id FROM work WHERE kind = 'mail' ORDER BY id LIMIT 1)",
        )
        .await;
    assert_eq!(changed, 1);
    let claimed = world.ledger.claim(&[mail, strange].concat(), world.worker(), LEASE).await.unwrap();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    let due = world.ledger.due(Duration::ZERO, 10).await.unwrap();
    assert!(due.iter().all(|one| one.queue == "habeas.challenge"), "{due:?}");
    world.ledger.gauges().await.unwrap();
}
