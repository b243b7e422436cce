//! Holds of which the stores have yet to be asked: whoever asks them finds them, one at a time, until they have answered.

use chrono::TimeDelta;
use habeas_domain::{Actor, HoldId, JobState, Right, WorkKind};

use crate::{
    holds::{about, key, note, of_request},
    steps::{hash, staff},
    world::World,
};

on_both!(
    a_hold_is_asked_about_until_the_stores_have_answered,
    what_names_no_key_has_nothing_to_ask_about,
    of_many_those_that_waited_longest_come_first,
    a_hold_that_was_lifted_is_not_asked_about,
);

impl World {
    async fn to_widen(&self, limit: u64) -> Vec<HoldId> {
        self.ledger.holds_to_widen(limit).await.unwrap().into_iter().map(|hold| hold.id).collect()
    }

    async fn is_whole(&self, hold: HoldId) -> bool {
        self.ledger.hold(hold).await.unwrap().whole
    }
}

async fn a_hold_is_asked_about_until_the_stores_have_answered(world: World) {
    let asked = world.accepted(&[Right::Deletion]).await;
    world.prove(asked).await;
    let claimed = world.claim_one(asked, WorkKind::Resolve).await;
    let number = key("customer_id", "C-4242");
    world.planned_with(asked, claimed.lease, (&["shop"], hash(1)), vec![number.clone()]).await;
    let typed = key("email", "somebody.else@example.jp");
    let hold = world.ledger.place_hold(&about(std::slice::from_ref(&typed)), staff(1)).await.unwrap().id;
    assert!(!world.is_whole(hold).await, "nobody has asked the stores");
    assert_eq!(world.ledger.gauges().await.unwrap().holds_not_whole, 1);
    assert!(world.to_widen(9).await.is_empty(), "whoever placed it asks first");
    world.clock.advance(TimeDelta::minutes(2));
    let due = world.ledger.holds_to_widen(9).await.unwrap();
    assert_eq!((due[0].id, due[0].keys.as_slice()), (hold, [typed].as_slice()));
    assert!(world.to_widen(9).await.is_empty(), "somebody asks already");
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(world.to_widen(9).await, [hold], "and had no answer");

    // A correction that adds a key is no answer of the stores.
    world.ledger.widen_hold(hold, &[key("customer_id", "C-1")], Actor::System).await.unwrap();
    assert!(!world.is_whole(hold).await);
    let placed = world.ledger.complete_hold(hold, &[number], Actor::System).await.unwrap();
    assert_eq!(placed.stopped.len(), 1, "it stops what the new key leads to");
    assert_eq!(world.job_state(asked, Right::Deletion).await, JobState::Held);
    assert!(world.is_whole(hold).await);
    assert_eq!(world.ledger.gauges().await.unwrap().holds_not_whole, 0);
    world.clock.advance(TimeDelta::days(2));
    assert!(world.to_widen(9).await.is_empty());
    world.assert_audit_whole().await;
}

async fn what_names_no_key_has_nothing_to_ask_about(world: World) {
    let request = world.accepted(&[Right::Deletion]).await;
    let named = world.ledger.place_hold(&of_request(request), staff(1)).await.unwrap().id;
    assert!(world.is_whole(named).await);
    let alone = world.ledger.place_hold(&about(&[key("email", "x@example.jp")]), staff(1)).await.unwrap().id;
    world.ledger.complete_hold(alone, &[], staff(1)).await.unwrap();
    assert!(world.is_whole(alone).await, "the stores know nothing more of them, and said so");
    world.clock.advance(TimeDelta::days(2));
    assert!(world.to_widen(9).await.is_empty());
}

async fn of_many_those_that_waited_longest_come_first(world: World) {
    let mut holds = Vec::new();
    for n in 0..5 {
        let new = about(&[key("email", &format!("person{n}@example.jp"))]);
        holds.push(world.ledger.place_hold(&new, staff(1)).await.unwrap().id);
        world.clock.advance(TimeDelta::seconds(1));
    }
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(world.to_widen(3).await, holds[..3]);
    assert_eq!(world.to_widen(3).await, holds[3..]);
    world.clock.advance(TimeDelta::minutes(2));
    let mut again = world.to_widen(5).await;
    again.sort_unstable();
    assert_eq!(again, holds, "one that is never answered keeps no other back");
}

async fn a_hold_that_was_lifted_is_not_asked_about(world: World) {
    let hold = world.ledger.place_hold(&about(&[key("email", "x@example.jp")]), staff(1)).await.unwrap().id;
    world.ledger.lift_hold(hold, &note(), staff(1)).await.unwrap();
    world.clock.advance(TimeDelta::minutes(2));
    assert!(world.to_widen(9).await.is_empty());
    let placed =
        world.ledger.complete_hold(hold, &[key("email", "y@example.jp")], Actor::System).await.unwrap();
    assert!(placed.stopped.is_empty(), "an answer that comes late holds nobody");
}
