//! Work that cannot be read: damaged, or of a later release. What stands around it is shown, and it is named.

use habeas_domain::{Right, WorkKind};
use habeas_ledger::{Unreadable, WaitsFor};

use crate::world::World;

on_both!(
    a_request_is_shown_without_the_work_that_cannot_be_read,
    a_request_whose_work_can_be_read_names_none
);

async fn a_request_is_shown_without_the_work_that_cannot_be_read(world: World) {
    let request = world.resolved(&[Right::Access], &["crm", "desk", "shop", "till"]).await;
    let other = world.accepted(&[Right::Access]).await;
    let whole = world.view(request).await;
    let tasks: Vec<String> = whole.jobs[0].tasks.iter().map(|task| task.id.to_string()).collect();
    assert_eq!((tasks.len(), whole.unreadable.len()), (4, 0));
    for (change, store) in
        [("state = 'of-nobody'", "crm"), ("kind = 'of-later'", "desk"), ("store = 'No Store'", "till")]
    {
        assert_eq!(world.run(&format!("UPDATE work SET {change} WHERE store = '{store}'")).await, 1);
    }
    let mail = world.waiting(other, WorkKind::Mail).await[0];
    let others =
        world.run("UPDATE work SET state = 'of-nobody' WHERE kind = 'mail' AND state = 'waiting'").await;
    assert!(others > 0);

    let shown = world.view(request).await;
    let shops: Vec<&str> = shown.jobs[0].tasks.iter().map(|task| task.store.as_str()).collect();
    assert_eq!(shops, ["shop"], "the rest is shown");
    assert!(shown.mails == whole.mails && shown.state == whole.state);
    let named = |task: &str| shown.unreadable.iter().find(|one| one.row == task).map(|one| one.column);
    let columns: Vec<_> = whole.jobs[0].tasks.iter().map(|task| named(&task.id.to_string())).collect();
    assert_eq!(columns, [Some("state"), Some("kind"), None, Some("store")], "{:?}", shown.unreadable);
    assert_eq!(shown.waits_for[0], WaitsFor::Ops, "somebody has to look");

    let page = world.ledger.list_requests(&habeas_ledger::RequestFilter::default(), None, 10).await.unwrap();
    let listed = page.items.iter().find(|view| view.id == other).unwrap();
    let damaged = Unreadable { table: "work", column: "state", row: mail.to_string() };
    assert_eq!(listed.unreadable, [damaged], "a list is not broken off by it either");
}

async fn a_request_whose_work_can_be_read_names_none(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    world.finish_tasks(request).await;
    let shown = world.view(request).await;
    assert!(shown.unreadable.is_empty() && !shown.waits_for.contains(&WaitsFor::Ops));
}
