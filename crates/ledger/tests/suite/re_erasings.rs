//! Erasing again in a store that was restored: what is remembered of an erasure, whom a run finds, and holds that meet it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use habeas_domain::{Fault, HeldKey, KeyName, Personal, Right};
use habeas_ledger::{Back, ClosingRefused, Erasure, NewHold, ReErased, RunState};

use crate::{
    closings::{key, keys, refusal},
    steps::{purge_closed, races, staff, store},
    world::World,
};

on_both!(
    an_erasure_is_remembered_by_hashes_alone,
    what_was_erased_before_the_backup_is_not_meant,
    a_found_person_is_listed_until_they_are_gone,
    a_hold_meets_whom_it_is_about_after_the_retention,
    a_hold_placed_while_somebody_is_erased_again_is_told_so,
    a_hold_and_an_erasing_at_once_meet,
    a_backup_from_after_the_closing_is_refused,
    a_run_is_on_record_from_its_beginning,
    a_run_that_shows_no_life_was_cut_off,
    erasures_are_forgotten_with_the_oldest_backup,
    a_forgotten_erasure_keeps_the_store_closed,
);

async fn an_erasure_is_remembered_by_hashes_alone(world: World) {
    let before = world.clock_now();
    let request = world.erased_in_the_shop().await;
    world.close("shop").await;
    let run = world.run_from(before).await;
    assert_eq!(world.found(&run).await, [request]);
    let others = [key("customer_id", "c-4242"), key("customer_id", "C-424"), key("phone", "C-4242")];
    assert!(world.ledger.erasures_of(&run, &others).await.unwrap().is_empty(), "no looser spelling");
    assert!(world.ledger.were_erased_keys(request, &keys()).await.unwrap());
    let mut more = keys();
    more.push(key("email", "taro@example.jp"));
    assert!(!world.ledger.were_erased_keys(request, &more).await.unwrap());
    world.close("desk").await;
    let desk = world.ledger.begin_re_erasing(&store("desk"), before, staff(9)).await.unwrap();
    assert!(world.found(&desk).await.is_empty(), "nothing was erased there");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM erased_key WHERE length(lookup) <> 32").await, 0);
}

async fn what_was_erased_before_the_backup_is_not_meant(world: World) {
    let request = world.erased_in_the_shop().await;
    world.clock.advance(TimeDelta::seconds(1));
    world.close("shop").await;
    let run = world.run_from(world.clock_now()).await;
    assert!(world.found(&run).await.is_empty(), "they may have come back since");
    // One who was found before and stayed is meant whatever moment is given.
    let erasure = Erasure { request, since: None };
    world.ledger.found_again(&run, &[(erasure, Back::Held, "a hold".to_owned())]).await.unwrap();
    assert_eq!(world.found(&run).await, [request]);
}

async fn a_found_person_is_listed_until_they_are_gone(world: World) {
    let before = world.clock_now();
    let request = world.erased_in_the_shop().await;
    let erasure = Erasure { request, since: None };
    world.close("shop").await;
    let run = world.run_from(before).await;
    for _ in 0..2 {
        world.ledger.found_again(&run, &[(erasure, Back::Found, String::new())]).await.unwrap();
    }
    assert_eq!(world.ledger.count_people_back().await.unwrap(), 1);
    world.ledger.re_erased(&run, &[(erasure, 3)]).await.unwrap();
    world.ledger.re_erased(&run, &[(erasure, 0)]).await.unwrap();
    assert_eq!(world.ledger.count_people_back().await.unwrap(), 0);
    assert_eq!(world.found(&run).await, [request], "what else is theirs is found until the run ends");
    world.ledger.end_re_erasing(&run, &ReErased::default()).await.unwrap();
    let events = world.events(request).await;
    assert_eq!(events[events.len() - 2..], ["found-again", "re-erased"]);
    world.assert_audit_whole().await;
}

async fn a_hold_meets_whom_it_is_about_after_the_retention(world: World) {
    let request = world.erased_in_the_shop().await;
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(purge_closed(&world, world.clock_now()).await, 1);
    let held = HeldKey::new(KeyName::new("customer_id").unwrap(), " c-4242 ".to_owned());
    let new = NewHold {
        keys: vec![held],
        requests: Vec::new(),
        reason: Personal::new("a lawsuit".to_owned()),
        review_on: None,
    };
    let placed = world.ledger.place_hold(&new, staff(7)).await.unwrap();
    let person = || (request, Vec::new());
    let met = world.ledger.holds_on_erased(&[person()]).await.unwrap();
    assert_eq!(met[&request].iter().copied().collect::<Vec<_>>(), [placed.id]);
    world.ledger.lift_hold(placed.id, &Personal::new("settled".to_owned()), staff(7)).await.unwrap();
    assert!(world.ledger.holds_on_erased(&[person()]).await.unwrap().is_empty());
    // By a key that only the rows of the backup hold, and by the request itself.
    let of_row = HeldKey::new(KeyName::new("phone").unwrap(), "+81 90-0000-0000".to_owned());
    let by_phone = NewHold { keys: vec![of_row.clone()], ..new.clone() };
    let by_request = NewHold { keys: Vec::new(), requests: vec![request], ..new };
    for new in [by_phone, by_request] {
        let placed = world.ledger.place_hold(&new, staff(7)).await.unwrap();
        let met = world.ledger.holds_on_erased(&[(request, vec![of_row.clone()])]).await.unwrap();
        assert!(met[&request].contains(&placed.id));
        world.ledger.lift_hold(placed.id, &Personal::new("settled".to_owned()), staff(7)).await.unwrap();
    }
}

/// What the shop's rows alone still say of the erased person.
fn phone() -> HeldKey {
    HeldKey::new(KeyName::new("phone").unwrap(), "+81 90-0000-0000".to_owned())
}

fn hold_on(key: HeldKey) -> NewHold {
    let reason = Personal::new("a lawsuit".to_owned());
    NewHold { keys: vec![key], requests: Vec::new(), reason, review_on: None }
}

async fn a_hold_placed_while_somebody_is_erased_again_is_told_so(world: World) {
    let before = world.clock_now();
    let request = world.erased_in_the_shop().await;
    let job = world.job(request, Right::Deletion).await.id;
    let person = [(Erasure { request, since: None }, vec![phone()])];
    world.close("shop").await;
    let run = world.running(before).await;
    assert!(world.ledger.about_to_re_erase(&run, &person).await.unwrap().is_empty());
    let placed = world.ledger.place_hold(&hold_on(phone()), staff(7)).await.unwrap();
    assert_eq!(
        (placed.stopped, placed.too_late),
        (Vec::new(), vec![job]),
        "by a key that only the backup knows"
    );
    let met = world.ledger.about_to_re_erase(&run, &person).await.unwrap();
    assert!(met[&request].contains(&placed.id), "what is left of it is asked anew");
    let [back] = &world.ledger.people_back(&store("shop")).await.unwrap()[..] else { panic!("one is back") };
    assert_eq!((back.back, back.detail.clone()), (Back::Held, placed.id.to_string()));
    world.ledger.lift_hold(placed.id, &Personal::new("settled".to_owned()), staff(7)).await.unwrap();
    // A run that is over stops in nobody's rows, whatever it left on the list.
    assert!(world.ledger.about_to_re_erase(&run, &person).await.unwrap().is_empty());
    world.ledger.re_erasing_failed(&run, &Fault::temporary("x", "x")).await.unwrap();
    let late = world.ledger.place_hold(&hold_on(phone()), staff(7)).await.unwrap();
    assert_eq!(late.too_late, []);
    world.assert_audit_whole().await;
}

async fn a_hold_and_an_erasing_at_once_meet(world: World) {
    let before = world.clock_now();
    let request = world.erased_in_the_shop().await;
    world.close("shop").await;
    let run = world.running(before).await;
    for n in 0..races() / 4 {
        let person = vec![(Erasure { request, since: None }, vec![phone()])];
        let (holding, erasing, run) = (world.ledger.clone(), world.ledger.clone(), run.clone());
        let (placed, met) = tokio::join!(
            tokio::spawn(async move { holding.place_hold(&hold_on(phone()), staff(7)).await.unwrap() }),
            tokio::spawn(async move { erasing.about_to_re_erase(&run, &person).await.unwrap() }),
        );
        let (placed, met) = (placed.unwrap(), met.unwrap());
        assert_ne!(placed.too_late.is_empty(), met.is_empty(), "race {n}: {placed:?} {met:?}");
        world.ledger.lift_hold(placed.id, &Personal::new("settled".to_owned()), staff(7)).await.unwrap();
        world.run("UPDATE erasure SET back = NULL").await;
    }
}

async fn a_backup_from_after_the_closing_is_refused(world: World) {
    world.close("shop").await;
    let closed_at = world.clock_now();
    let year = closed_at + TimeDelta::days(365);
    let refused = world.ledger.begin_re_erasing(&store("shop"), year, staff(9)).await.unwrap_err();
    assert_eq!(refusal(&refused), ClosingRefused::RestoredLater(closed_at));
    assert!(refused.to_string().contains("`restored_to`"), "{refused}");
    world.run_from(closed_at).await;
}

async fn a_run_is_on_record_from_its_beginning(world: World) {
    let before = world.clock_now();
    let request = world.erased_in_the_shop().await;
    world.close("shop").await;
    let (run, confirmed) = (world.run_from(before).await, BTreeSet::from([request]));
    world.ledger.re_erasing_begins(&run, &confirmed, true).await.unwrap();
    let shown = async || world.ledger.closed_store(&store("shop")).await.unwrap().unwrap().run.unwrap();
    let going = shown().await;
    assert_eq!((going.state, going.by, going.restored_to), (RunState::UnderWay, staff(9), before));
    assert_eq!((going.confirmed, going.ended, going.fault), (confirmed.clone(), None, None));
    let second = world.run_from(before).await;
    let refused = world.ledger.re_erasing_begins(&second, &BTreeSet::new(), true).await.unwrap_err();
    assert_eq!(refusal(&refused), ClosingRefused::UnderWay(run.began));
    world.ledger.re_erasing_failed(&run, &Fault::temporary("store-away", "no answer")).await.unwrap();
    let failed = shown().await;
    assert_eq!((failed.state, failed.fault.as_deref()), (RunState::Failed, Some("store-away: no answer")));
    world.ledger.re_erasing_begins(&second, &BTreeSet::new(), true).await.unwrap();
    world.ledger.re_erasing_failed(&run, &Fault::temporary("late", "late")).await.unwrap();
    assert_eq!(shown().await.state, RunState::UnderWay, "that was another run");
    world.ledger.end_re_erasing(&second, &ReErased::default()).await.unwrap();
    assert_eq!((shown().await.state, shown().await.ended), (RunState::Ended, Some(world.clock_now())));
    world.assert_audit_whole().await;
}

async fn a_run_that_shows_no_life_was_cut_off(world: World) {
    world.close("shop").await;
    let run = world.running(world.clock_now()).await;
    world.run("UPDATE store_closing SET run_until = 1").await;
    let shown = async || world.ledger.closed_store(&store("shop")).await.unwrap().unwrap().run.unwrap();
    assert_eq!(shown().await.state, RunState::CutOff);
    world.ledger.re_erasing_goes_on(&run).await.unwrap();
    assert_eq!(shown().await.state, RunState::UnderWay, "it was only slow");
    world.run("UPDATE store_closing SET run_until = 1").await;
    world.running(world.clock_now()).await;
}

async fn erasures_are_forgotten_with_the_oldest_backup(world: World) {
    let before = world.clock_now();
    let request = world.erased_in_the_shop().await;
    let after = before + TimeDelta::days(400);
    world.clock.advance(TimeDelta::days(401));
    world.close("desk").await;
    assert_eq!(world.ledger.prune_erasures(after, 9).await.unwrap(), 0, "not while a store is closed");
    world.ledger.reopen_store(&store("desk"), Some("nothing was restored"), staff(9)).await.unwrap();
    world.close("shop").await;
    let run = world.run_from(before).await;
    let erasure = Erasure { request, since: None };
    world.ledger.found_again(&run, &[(erasure, Back::Held, "a hold".to_owned())]).await.unwrap();
    world.ledger.reopen_store(&store("shop"), Some("for a moment"), staff(9)).await.unwrap();
    assert_eq!(world.ledger.prune_erasures(after, 9).await.unwrap(), 0, "not while somebody is back");
    world.close("shop").await;
    let run = world.run_from(before).await;
    world.ledger.re_erased(&run, &[(erasure, 1)]).await.unwrap();
    world.ledger.end_re_erasing(&run, &ReErased::default()).await.unwrap();
    world.reopen("shop").await.unwrap();
    purge_closed(&world, world.clock_now()).await;
    assert_eq!(world.ledger.prune_erasures(before, 9).await.unwrap(), 0, "not yet");
    assert_eq!(world.ledger.prune_erasures(after, 9).await.unwrap(), 1);
    for table in ["erasure", "erased_key", "request_key"] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
}

async fn a_forgotten_erasure_keeps_the_store_closed(world: World) {
    let before = world.clock_now();
    world.erased_in_the_shop().await;
    world.clock.advance(TimeDelta::days(401));
    assert_eq!(world.ledger.prune_erasures(world.clock_now(), 9).await.unwrap(), 1);
    world.close("shop").await;
    let old = world.run_from(before).await;
    assert!(!old.is_complete());
    world.ledger.end_re_erasing(&old, &ReErased::default()).await.unwrap();
    assert_eq!(refusal(&world.reopen("shop").await.unwrap_err()), ClosingRefused::NotReErased);
    let new = world.run_from(world.clock_now()).await;
    assert!(new.is_complete());
    world.ledger.end_re_erasing(&new, &ReErased::default()).await.unwrap();
    world.reopen("shop").await.unwrap();
}
