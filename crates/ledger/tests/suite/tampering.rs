//! Whatever somebody with the database's password does to the audit trail is found.

use habeas_domain::{Actor, Outcome, RequestId, Right, TypedId, audit::AuditEntry, audit::AuditEvent};
use habeas_ledger::AuditBreak;
use sea_orm::DbBackend;

use crate::{
    audit::{compared, export},
    steps::new_request,
    world::World,
};

on_both!(
    every_column_of_every_entry_is_bound,
    entries_deleted_or_moved_are_found,
    a_cut_end_is_found_by_the_checkpoint,
    a_chain_written_anew_is_found_by_the_checkpoint,
    a_whole_request_gone_is_found,
);

async fn finished(world: &World) -> RequestId {
    world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    request
}

async fn breaks(world: &World) -> usize {
    world.ledger.verify_audit(|_| {}).await.unwrap().breaks.len()
}

fn literal(world: &World, id: RequestId) -> String {
    match world.db.get_database_backend() {
        DbBackend::Sqlite => format!("X'{}'", id.uuid().simple()),
        _ => format!("'{id}'"),
    }
}

fn bytes(world: &World, bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    match world.db.get_database_backend() {
        DbBackend::Sqlite => format!("X'{digits}'"),
        _ => format!("'\\x{digits}'"),
    }
}

async fn every_column_of_every_entry_is_bound(world: World) {
    let request = finished(&world).await;
    let id = literal(&world, request);
    let (nothing, other) = (bytes(&world, b""), bytes(&world, &[7; 32]));
    let edits = [
        ("at", "at + 1".to_owned()),
        ("actor", "'system2'".to_owned()),
        ("event", "'edited'".to_owned()),
        ("detail", "'{}'".to_owned()),
        ("previous", nothing.clone()),
        ("previous", other.clone()),
        ("hash", nothing),
        ("hash", other),
    ];
    for seq in [1, 3] {
        for (column, value) in &edits {
            world.run("DROP TABLE IF EXISTS audit_before").await;
            world.run("CREATE TABLE audit_before AS SELECT * FROM audit").await;
            let edit = format!("UPDATE audit SET {column} = {value} WHERE request_id = {id} AND seq = {seq}");
            assert_eq!(world.run(&edit).await, 1);
            assert!(breaks(&world).await > 0, "{edit}");
            world.run("DELETE FROM audit").await;
            world.run("INSERT INTO audit SELECT * FROM audit_before").await;
            assert_eq!(breaks(&world).await, 0);
        }
    }
}

async fn entries_deleted_or_moved_are_found(world: World) {
    let request = finished(&world).await;
    let id = literal(&world, request);
    for change in [
        format!("DELETE FROM audit WHERE request_id = {id} AND seq = 1"),
        format!("DELETE FROM audit WHERE request_id = {id} AND seq = 4"),
        format!("UPDATE audit SET seq = seq + 100 WHERE request_id = {id} AND seq > 3"),
    ] {
        world.run("DROP TABLE IF EXISTS audit_before").await;
        world.run("CREATE TABLE audit_before AS SELECT * FROM audit").await;
        world.run(&change).await;
        assert!(breaks(&world).await > 0, "{change}");
        world.run("DELETE FROM audit").await;
        world.run("INSERT INTO audit SELECT * FROM audit_before").await;
    }
}

async fn a_cut_end_is_found_by_the_checkpoint(world: World) {
    let request = finished(&world).await;
    let exported = export(&world).await;
    let last = world.ledger.audit_entries(request).await.unwrap().last().unwrap().seq;
    world
        .run(&format!("DELETE FROM audit WHERE request_id = {} AND seq = {last}", literal(&world, request)))
        .await;
    assert_eq!(breaks(&world).await, 0, "a chain does not know how long it should be");
    assert_eq!(compared(&world, &exported).await, [AuditBreak::Cut { request, seq: last }]);
}

async fn a_chain_written_anew_is_found_by_the_checkpoint(world: World) {
    let request = finished(&world).await;
    let exported = export(&world).await;
    let mut anew: Option<(i64, [u8; 32])> = None;
    let id = literal(&world, request);
    for old in world.ledger.audit_entries(request).await.unwrap() {
        let event = AuditEvent::new(if old.seq == 2 { "edited" } else { &old.event }, Actor::System);
        let new = AuditEntry::after(request, anew, old.at, event);
        anew = Some((new.seq, new.hash));
        let change = format!(
            "UPDATE audit SET actor = '{}', event = '{}', detail = '{}', previous = {}, hash = {} \
             WHERE request_id = {id} AND seq = {}",
            new.actor,
            new.event,
            new.detail,
            bytes(&world, &new.previous),
            bytes(&world, &new.hash),
            new.seq
        );
        assert_eq!(world.run(&change).await, 1);
    }
    assert_eq!(breaks(&world).await, 0, "it is a chain that holds together");
    let seq = anew.unwrap().0;
    assert_eq!(compared(&world, &exported).await, [AuditBreak::Rewritten { request, seq }]);
}

async fn a_whole_request_gone_is_found(world: World) {
    let request = finished(&world).await;
    let exported = export(&world).await;
    let id = literal(&world, request);
    world.run(&format!("DELETE FROM audit WHERE request_id = {id}")).await;
    let report = world.ledger.verify_audit(|_| {}).await.unwrap();
    assert!(report.breaks.contains(&AuditBreak::NoChain { request }), "{:?}", report.breaks);
    world.run(&format!("DELETE FROM request WHERE id = {id}")).await;
    let report = world.ledger.verify_audit(|_| {}).await.unwrap();
    assert_eq!(report.breaks, [AuditBreak::FewerChains { expected: 2, found: 1 }]);
    assert!(
        matches!(compared(&world, &exported).await[..], [AuditBreak::Cut { request: gone, .. }] if gone == request)
    );
}
