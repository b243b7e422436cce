//! The audit trail and its checkpoints, untouched.

use habeas_domain::{Outcome, Right, SystemEntropy};
use habeas_ledger::{AuditBreak, LedgerError};
use habeas_vault::KeyRing;

use crate::{steps::new_request, world::World};

on_both!(
    a_grown_trail_fits_an_earlier_checkpoint,
    a_checkpoint_is_bound_to_its_keys_and_its_bytes,
    what_is_no_checkpoint_is_refused_by_line,
    long_trails_are_walked_in_pages,
    looking_at_personal_data_leaves_a_trace,
);

pub(crate) async fn export(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    world.ledger.checkpoint(&mut out).await.unwrap();
    out
}

pub(crate) async fn compared(world: &World, exported: &[u8]) -> Vec<AuditBreak> {
    let keys = world.ledger.vault().public_keys();
    let report = world.ledger.verify_against_checkpoint(&mut &*exported, &keys, |_| {}).await.unwrap();
    report.breaks
}

async fn looking_at_personal_data_leaves_a_trace(world: World) {
    let request = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    let by = crate::steps::staff(2);
    world.ledger.record_seen(request, by, "submission").await.unwrap();
    let last = world.ledger.audit_entries(request).await.unwrap().pop().unwrap();
    assert_eq!((last.event.as_str(), last.actor), ("personal-data-seen", by.to_string()));
    world.assert_audit_whole().await;
}

async fn a_grown_trail_fits_an_earlier_checkpoint(world: World) {
    assert!(compared(&world, &export(&world).await).await.is_empty(), "an empty one too");
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let exported = export(&world).await;
    assert!(compared(&world, &exported).await.is_empty());
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    assert!(compared(&world, &exported).await.is_empty(), "it has only grown");
    assert!(compared(&world, &export(&world).await).await.is_empty());
    world.assert_audit_whole().await;
    let entries = world.ledger.audit_entries(request).await.unwrap();
    assert_eq!(entries.first().unwrap().seq, 1);
    assert!(habeas_domain::audit::verify_chain(&entries).is_ok());
}

async fn a_checkpoint_is_bound_to_its_keys_and_its_bytes(world: World) {
    world.accepted(&[Right::Access]).await;
    world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    let exported = String::from_utf8(export(&world).await).unwrap();
    let strangers = KeyRing::generate(&SystemEntropy, &*world.clock);
    let strangers = habeas_vault::Vault::new(
        &strangers,
        std::sync::Arc::new(SystemEntropy),
        habeas_vault::CodeOptions::default(),
    );
    let keys = strangers.unwrap().public_keys();
    let report =
        world.ledger.verify_against_checkpoint(&mut exported.as_bytes(), &keys, |_| {}).await.unwrap();
    assert_eq!(report.breaks, [AuditBreak::Forged]);
    let shorter = exported.split_once('\n').unwrap().1;
    assert_eq!(compared(&world, shorter.as_bytes()).await, [AuditBreak::Forged], "a chain left out");
    let later = exported.replace("2025-03-03T09", "2025-03-03T10");
    assert_ne!(later, exported);
    assert_eq!(compared(&world, later.as_bytes()).await, [AuditBreak::Forged], "another time");
}

async fn what_is_no_checkpoint_is_refused_by_line(world: World) {
    world.accepted(&[Right::Access]).await;
    let exported = String::from_utf8(export(&world).await).unwrap();
    let head = exported.lines().next().unwrap().to_owned();
    let cases = [
        (String::new(), 1),
        ("{}\n".to_owned(), 1),
        (format!("{head}\n"), 2),
        (format!("{head}\n[1]\n"), 2),
        (format!("{exported}{head}\n"), 3),
        (format!("{head}\n{}", "[".repeat(100_000)), 2),
    ];
    for (text, line) in cases {
        let refused =
            world.ledger.verify_against_checkpoint(&mut text.as_bytes(), &[], |_| {}).await.unwrap_err();
        assert!(matches!(refused, LedgerError::Checkpoint { line: found } if found == line), "{refused}");
    }
}

async fn long_trails_are_walked_in_pages(world: World) {
    let group = (0..2_500).map(|n| new_request(&format!("person{n}@example.jp"), &[Right::Access])).collect();
    world.ledger.accept(group).await.unwrap();
    let mut pages = 0;
    let report = world.ledger.verify_audit(|_| pages += 1).await.unwrap();
    assert_eq!((report.requests, report.entries, report.is_whole()), (2_500, 2_500, true));
    assert!(pages > 1);
    let exported = export(&world).await;
    assert!(compared(&world, &exported).await.is_empty());
    assert_eq!(exported.split_inclusive(|byte| *byte == b'\n').count(), 2_501);
}
