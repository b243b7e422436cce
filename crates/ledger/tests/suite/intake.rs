//! Taking submissions: repeats, reused keys, duplicates.

use habeas_domain::Right;
use habeas_ledger::{AcceptRefused, NewRequest};

use crate::{steps::new_request, world::World};

on_both!(
    a_repeat_is_the_same_request,
    a_key_with_another_body_is_refused,
    repeats_within_one_group_are_the_same_request,
    a_submission_repeated_in_parallel_is_one_request,
    an_open_request_of_the_same_person_is_linked,
    of_parallel_submissions_one_is_the_first,
    a_big_group_is_one_transaction,
);

fn keyed(email: &str, key: &str) -> NewRequest {
    let rights = [Right::Access, Right::Deletion];
    NewRequest { idempotency_key: Some(key.to_owned()), ..new_request(email, &rights) }
}

async fn a_repeat_is_the_same_request(world: World) {
    let first = world.ledger.accept(vec![keyed("hanako@example.jp", "k")]).await.unwrap().remove(0).unwrap();
    let again = world.ledger.accept(vec![keyed("hanako@example.jp", "k")]).await.unwrap().remove(0).unwrap();
    assert_eq!((again.id, again.reference, again.due_on), (first.id, first.reference, first.due_on));
    assert!(again.repeated && !first.repeated);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM mail").await, 1);
    assert_eq!(world.view(first.id).await.rights, [Right::Access, Right::Deletion]);
}

async fn a_key_with_another_body_is_refused(world: World) {
    world.ledger.accept(vec![keyed("hanako@example.jp", "k")]).await.unwrap().remove(0).unwrap();
    let other = world.ledger.accept(vec![keyed("taro@example.jp", "k")]).await.unwrap().remove(0);
    assert_eq!(other, Err(AcceptRefused::KeyReused));
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 1);
}

async fn repeats_within_one_group_are_the_same_request(world: World) {
    let group = vec![
        keyed("hanako@example.jp", "k"),
        keyed("hanako@example.jp", "k"),
        keyed("taro@example.jp", "k"),
        keyed("taro@example.jp", "other"),
    ];
    let results = world.ledger.accept(group).await.unwrap();
    let first = results[0].clone().unwrap();
    assert_eq!(results[1].clone().unwrap().id, first.id);
    assert_eq!(results[2], Err(AcceptRefused::KeyReused));
    assert_ne!(results[3].clone().unwrap().id, first.id);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 2);
}

async fn a_submission_repeated_in_parallel_is_one_request(world: World) {
    let doors = (0..8).map(|n| {
        let ledger = world.ledger.clone();
        let email = if n % 2 == 0 { "hanako@example.jp" } else { "taro@example.jp" };
        tokio::spawn(async move { ledger.accept(vec![keyed(email, "k")]).await.unwrap().remove(0) })
    });
    let mut results = Vec::new();
    for door in doors.collect::<Vec<_>>() {
        results.push(door.await.unwrap());
    }
    let fresh = results.iter().filter(|one| one.as_ref().is_ok_and(|one| !one.repeated)).count();
    let refused = results.iter().filter(|one| one.is_err()).count();
    assert_eq!((fresh, refused), (1, 4), "{results:?}");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request").await, 1);
    world.assert_audit_whole().await;
}

async fn an_open_request_of_the_same_person_is_linked(world: World) {
    let first = world.accepted(&[Right::Access]).await;
    let other_right = world.accepted(&[Right::Deletion]).await;
    assert_eq!(world.view(other_right).await.duplicate_of, None, "another right is no duplicate");
    let spelt = world.accept(new_request("HANAKO@Example.JP", &[Right::Access])).await;
    assert_eq!(world.view(spelt).await.duplicate_of, Some(first));
    let somebody = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    assert_eq!(world.view(somebody).await.duplicate_of, None);
    world.ledger.withdraw(first, habeas_domain::Actor::Subject).await.unwrap();
    world.ledger.withdraw(spelt, habeas_domain::Actor::Subject).await.unwrap();
    let anew = world.accepted(&[Right::Access]).await;
    assert_eq!(world.view(anew).await.duplicate_of, None, "closed ones do not count");
}

async fn of_parallel_submissions_one_is_the_first(world: World) {
    let doors = (0..8).map(|_| {
        let ledger = world.ledger.clone();
        let new = new_request("hanako@example.jp", &[Right::Access]);
        tokio::spawn(async move { ledger.accept(vec![new]).await.unwrap().remove(0).unwrap() })
    });
    let mut firsts = 0;
    for door in doors.collect::<Vec<_>>() {
        firsts += usize::from(door.await.unwrap().duplicate_of.is_none());
    }
    assert_eq!(firsts, 1);
}

async fn a_big_group_is_one_transaction(world: World) {
    let group = (0..1_200).map(|n| keyed(&format!("person{n}@example.jp"), &n.to_string())).collect();
    let before = world.statements();
    let results = world.ledger.accept(group).await.unwrap();
    assert!(results.iter().all(Result::is_ok));
    let statements = world.statements() - before;
    assert!(statements < 50, "{statements} statements for 1,200 requests");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM job").await, 2_400);
}
