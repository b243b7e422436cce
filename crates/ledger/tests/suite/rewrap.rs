//! Request keys under a new wrapping key.

use habeas_domain::{RequestId, Right, SystemEntropy, TypedId};
use habeas_ledger::Rewrapped;
use habeas_vault::KeyRing;

use crate::{
    steps::new_request,
    world::{World, start},
};

on_both!(
    every_key_is_rewrapped_in_steps,
    a_key_that_does_not_open_holds_up_no_other,
    what_is_erased_stays_so
);

async fn people(world: &World, count: usize) -> Vec<RequestId> {
    let mut requests = Vec::new();
    for number in 0..count {
        let email = format!("person{number}@example.jp");
        requests.push(world.accept(new_request(&email, &[Right::Access])).await);
    }
    requests
}

/// A ring with a newer wrapping key, in force.
fn rotate(world: &World) -> KeyRing {
    let mut ring = world.ring.clone();
    ring.rotate_wrapping(&SystemEntropy, &*world.clock);
    world.ledger.vault().reload(&ring).unwrap();
    ring
}

async fn every_key_is_rewrapped_in_steps(world: World) {
    let requests = people(&world, 7).await;
    let mut in_order = requests.clone();
    in_order.sort_by_key(|request| request.uuid());
    let old = world.ledger.vault().active_wrapping_key();
    assert_eq!(world.ledger.rewrap(None, 3).await.unwrap(), Rewrapped::default(), "nothing is due");
    let mut ring = rotate(&world);
    let first = world.ledger.rewrap(None, 3).await.unwrap();
    assert_eq!((first.done, first.failed, first.next), (3, 0, Some(in_order[2])));
    let active = world.ledger.vault().active_wrapping_key();
    assert_eq!(world.ledger.wrapping_keys().await.unwrap(), [(active, 3), (old, 4)].into());
    // Somebody who begins again goes on where the first one stopped.
    let again = world.ledger.rewrap(None, 3).await.unwrap();
    assert_eq!((again.done, again.next), (3, Some(in_order[5])));
    let last = world.ledger.rewrap(again.next, 3).await.unwrap();
    assert_eq!((last.done, last.next), (1, None));
    assert_eq!(world.ledger.wrapping_keys().await.unwrap(), [(active, 7)].into());
    ring.remove_wrapping(old).unwrap();
    world.ledger.vault().reload(&ring).unwrap();
    for (number, request) in requests.into_iter().enumerate() {
        let person = world.ledger.person(request).await.unwrap();
        assert_eq!(person.expose().subject.email.as_str(), format!("person{number}@example.jp"));
    }
}

async fn a_key_that_does_not_open_holds_up_no_other(world: World) {
    let mut requests = people(&world, 3).await;
    requests.sort_by_key(|request| request.uuid());
    rotate(&world);
    let sql = format!(
        "UPDATE request SET wrapped_key = (SELECT wrapped_key FROM request WHERE reference = '{}') WHERE reference = '{}'",
        requests[0].reference(),
        requests[1].reference()
    );
    world.run(&sql).await;
    let step = world.ledger.rewrap(None, 2).await.unwrap();
    assert_eq!((step.done, step.failed), (1, 1), "another request's key does not open as its own");
    let step = world.ledger.rewrap(step.next, 2).await.unwrap();
    assert_eq!((step.done, step.failed, step.next), (1, 0, None));
}

async fn what_is_erased_stays_so(world: World) {
    let requests = people(&world, 2).await;
    rotate(&world);
    world.ledger.withdraw(requests[0], habeas_domain::Actor::Subject).await.unwrap();
    let later = start() + chrono::TimeDelta::days(1);
    assert_eq!(crate::steps::purge_closed(&world, later).await, 1);
    let step = world.ledger.rewrap(None, 10).await.unwrap();
    assert_eq!((step.done, step.failed, step.next), (1, 0, None));
}
