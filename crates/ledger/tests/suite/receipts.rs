//! The signed proofs of what was done, for whoever asks for theirs.

use habeas_domain::{Outcome, Right};

use crate::{steps::staff, world::World};

on_both!(a_receipt_is_read_as_it_was_signed, a_receipt_that_was_written_over_is_not_genuine);

async fn deleted(world: &World) -> habeas_domain::RequestId {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    assert!(world.ledger.receipts(request).await.unwrap().items.is_empty(), "nothing is done yet");
    world.approve(request, Right::Deletion, staff(2)).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    request
}

async fn a_receipt_is_read_as_it_was_signed(world: World) {
    let (request, other) = (deleted(&world).await, world.accepted(&[Right::Access]).await);
    let receipts = world.ledger.receipts(request).await.unwrap().items;
    let [receipt] = &receipts[..] else { panic!("{receipts:?}") };
    let body: serde_json::Value = serde_json::from_str(&receipt.body).unwrap();
    assert_eq!(body["rows"], 7);
    assert_eq!(receipt.job, world.job(request, Right::Deletion).await.id);
    assert!(receipt.genuine);
    assert!(world.ledger.receipts(other).await.unwrap().items.is_empty(), "those of others are not shown");
}

async fn a_receipt_that_was_written_over_is_not_genuine(world: World) {
    let request = deleted(&world).await;
    assert_eq!(world.run("UPDATE receipt SET body = replace(body, '7', '8')").await, 1);
    assert!(!world.ledger.receipts(request).await.unwrap().items[0].genuine);
}
