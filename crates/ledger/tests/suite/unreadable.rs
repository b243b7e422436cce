//! Work that cannot be read: damaged, or of a later release. What stands around it is shown, and it is named.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use habeas_domain::{
    Actor, EmailAddress, Fault, Outcome, PaperKind, Personal, Right, TokenLife, WorkKind, WorkState,
    paper::PaperDecision, text::FreeText,
};
use habeas_ledger::{
    Failed, LedgerError, NewToken, Next, ReceivedMailFilter, RequestFilter, Scope, Unreadable, WaitsFor,
    WorkFilter,
};

use crate::{
    agents::by_agent,
    holds::{about, key},
    mails::store,
    samples::LEASE,
    steps::staff,
    world::World,
};

on_both!(
    a_request_is_shown_without_the_work_that_cannot_be_read,
    a_request_whose_work_can_be_read_names_none,
    a_list_of_work_names_what_cannot_be_read,
    a_list_of_requests_names_what_cannot_be_read,
    lists_of_mails_holds_and_tokens_name_what_cannot_be_read,
    lists_of_agents_batches_receipts_and_papers_name_what_cannot_be_read,
    work_of_an_unreadable_store_is_parked_counted_and_put_back
);

fn named(all: &[Unreadable]) -> Vec<(&str, &str)> {
    all.iter().map(|one| (one.table, one.column)).collect()
}

async fn a_list_of_work_names_what_cannot_be_read(world: World) {
    let request = world.resolved(&[Right::Access], &["crm", "desk", "shop", "till"]).await;
    let filter = WorkFilter { request: Some(request), ..WorkFilter::default() };
    let whole = world.ledger.work_list(&filter, None, 100).await.unwrap();
    assert!(whole.unreadable.is_empty() && whole.items.len() > 4);
    for (change, store) in
        [("state = 'of-nobody'", "crm"), ("kind = 'of-later'", "desk"), ("store = 'No Store'", "till")]
    {
        assert_eq!(world.run(&format!("UPDATE work SET {change} WHERE store = '{store}'")).await, 1);
    }
    let (mut shown, mut unreadable, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = world.ledger.work_list(&filter, cursor, 2).await.unwrap();
        assert_eq!(
            page.items.len() + page.unreadable.len(),
            2.min(whole.items.len() - shown.len() - unreadable.len())
        );
        shown.extend(page.items);
        unreadable.extend(page.unreadable);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let columns: BTreeSet<&str> = unreadable.iter().map(|one| one.column).collect();
    assert_eq!(columns, BTreeSet::from(["kind", "state", "store"]));
    let is_named = |id: &str| unreadable.iter().any(|one| one.row == id && one.table == "work");
    let left = whole.items.iter().filter(|work| !is_named(&work.id.to_string()));
    assert_eq!(left.cloned().collect::<Vec<_>>(), shown, "every other, as it was");
    assert_eq!(shown.len() + 3, whole.items.len());
}

async fn a_list_of_requests_names_what_cannot_be_read(world: World) {
    let damaged = world.accepted(&[Right::Access]).await;
    let partly = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    let whole = world.view(partly).await;
    let by_reference = format!("WHERE reference = '{}'", world.view(damaged).await.reference);
    assert_eq!(world.run(&format!("UPDATE request SET language = 'of-later' {by_reference}")).await, 1);
    let of = format!("request_id IN (SELECT id FROM request WHERE reference = '{}')", whole.reference);
    let job = format!("UPDATE job SET policy = 'of-later' WHERE \"right\" = 'deletion' AND {of}");
    assert_eq!(world.run(&job).await, 1);
    assert!(world.run(&format!("UPDATE mail SET state = 'of-later' WHERE {of}")).await > 0);

    let page = world.ledger.list_requests(&RequestFilter::default(), None, 10).await.unwrap();
    let row = damaged.to_string();
    assert_eq!(page.unreadable, [Unreadable { table: "request", column: "language", row }]);
    let [shown] = &page.items[..] else { panic!("the other request") };
    assert_eq!((shown.id, &shown.rights[..]), (partly, &[Right::Access][..]));
    assert!(shown.mails.is_empty() && !whole.mails.is_empty());
    let tables: BTreeSet<_> = named(&shown.unreadable).into_iter().collect();
    assert_eq!(tables, BTreeSet::from([("job", "policy"), ("mail", "state")]));
    assert_eq!(shown.waits_for[0], WaitsFor::Ops, "somebody has to look");
    let alone = world.ledger.request_view(damaged).await;
    assert!(matches!(alone, Err(LedgerError::Corrupt { column: "language", .. })), "{alone:?}");
}

async fn lists_of_mails_holds_and_tokens_name_what_cannot_be_read(world: World) {
    for text in ["a", "b"] {
        store(&world, text).await;
    }
    for address in ["hanako@example.jp", "taro@example.jp"] {
        world.ledger.place_hold(&about(&[key("email", address)]), Actor::System).await.unwrap();
    }
    for holder in ["Aoki", "Baba"] {
        let new = NewToken {
            name: "crm".parse().unwrap(),
            holder: holder.parse().unwrap(),
            scopes: BTreeSet::from([Scope::Read]),
            life: TokenLife::days(30).unwrap(),
        };
        world.ledger.create_token(&new, Actor::System).await.unwrap();
    }
    let one = |table: &str, change: &str| {
        format!("UPDATE {table} SET {change} WHERE id = (SELECT id FROM {table} ORDER BY id LIMIT 1)")
    };
    assert_eq!(world.run(&one("received_mail", "state = 'of-later'")).await, 1);
    assert_eq!(world.run(&one("hold", "placed_by = 'of nobody'")).await, 1);
    assert_eq!(world.run(&one("api_token", "scopes = 'of-later'")).await, 1);

    let mails = world.ledger.list_mails(&ReceivedMailFilter::default(), None, 10).await.unwrap();
    assert_eq!((mails.items.len(), &named(&mails.unreadable)[..]), (1, &[("received_mail", "state")][..]));
    let holds = world.ledger.list_holds(true).await.unwrap();
    assert_eq!((holds.items.len(), &named(&holds.unreadable)[..]), (1, &[("hold", "placed_by")][..]));
    let tokens = world.ledger.list_tokens().await.unwrap();
    assert_eq!((tokens.items.len(), &named(&tokens.unreadable)[..]), (1, &[("api_token", "scopes")][..]));

    assert_eq!(world.run("UPDATE hold SET matter = wrapped_key").await, 2);
    let holds = world.ledger.list_holds(true).await.unwrap();
    assert_eq!((holds.items.len(), holds.unreadable.len()), (0, 2), "what does not open is named as well");
}

async fn lists_of_agents_batches_receipts_and_papers_name_what_cannot_be_read(world: World) {
    for agent in ["alex@agents.example", "eve@other.example"] {
        world.accept(by_agent("hanako@example.jp", agent, None)).await;
        let address = EmailAddress::parse(agent).unwrap();
        world.ledger.open_batch("spring", &address, staff(1)).await.unwrap();
    }
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    let until = world.clock_now() + TimeDelta::days(1);
    let asked = world.accept(by_agent("taro@example.jp", "alex@agents.example", None)).await;
    for file in [&b"%PDF-1.7 one"[..], b"%PDF-1.7 two"] {
        let file = Personal::new(file.to_vec());
        let paper = world.ledger.add_paper(asked, PaperKind::Mandate, &file, staff(1), until).await.unwrap();
        let note = FreeText::parse("blurred").unwrap();
        world.ledger.judge_paper(paper.id, PaperDecision::Refused, note, staff(2)).await.unwrap();
    }
    let one = |table: &str, change: &str| {
        format!("UPDATE {table} SET {change} WHERE id = (SELECT id FROM {table} ORDER BY id LIMIT 1)")
    };
    for change in [
        one("agent", "reason = ' '"),
        one("batch", "submitted_by = 'of nobody'"),
        one("receipt", "key_id = 'none'"),
        one("paper", "state = 'of-later'"),
    ] {
        assert_eq!(world.run(&change).await, 1, "{change}");
    }
    let agents = world.ledger.list_agents().await.unwrap();
    assert_eq!((agents.items.len(), &named(&agents.unreadable)[..]), (1, &[("agent", "reason")][..]));
    let batches = world.ledger.list_batches().await.unwrap();
    assert_eq!((batches.items.len(), &named(&batches.unreadable)[..]), (1, &[("batch", "submitted_by")][..]));
    let receipts = world.ledger.receipts(request).await.unwrap();
    assert_eq!((receipts.items.len(), &named(&receipts.unreadable)[..]), (0, &[("receipt", "key_id")][..]));
    let papers = world.ledger.papers_in_detail(asked).await.unwrap();
    assert_eq!((papers.items.len(), &named(&papers.unreadable)[..]), (1, &[("paper", "state")][..]));
}

async fn work_of_an_unreadable_store_is_parked_counted_and_put_back(world: World) {
    let request = world.resolved(&[Right::Access], &["crm", "shop", "till"]).await;
    let ids = world.waiting(request, WorkKind::Task).await;
    assert_eq!(world.run("UPDATE work SET store = 'No Store' WHERE store = 'till'").await, 1);
    let claimed = world.ledger.claim(&ids, world.worker(), LEASE).await.unwrap();
    assert_eq!(claimed.len(), 2, "the others are worked on");
    let fault = Fault::permanent("ledger-corrupt", "for the test");
    let failed = claimed.iter().map(|one| Failed {
        lease: one.lease,
        request,
        fault: fault.clone(),
        next: Next::Park,
    });
    world.ledger.failed(failed.collect()).await.unwrap();

    let parked = world.ledger.parked_by_fault().await.unwrap();
    assert_eq!(parked.iter().map(|one| one.count).sum::<u64>(), 3, "{parked:?}");
    assert!(parked.iter().all(|one| one.code == "ledger-corrupt"));
    let counts = world.ledger.work_counts().await.unwrap();
    let of_nobody = counts.iter().filter(|one| one.state == WorkState::Parked && one.store.is_none());
    assert_eq!(of_nobody.map(|one| one.count).sum::<u64>(), 1);

    assert_eq!(world.run("UPDATE work SET kind = 'of-later' WHERE store = 'crm'").await, 1);
    assert_eq!(world.ledger.requeue_by_fault("ledger-corrupt", Actor::System).await.unwrap(), 2);
}

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
