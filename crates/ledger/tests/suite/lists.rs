//! Lists, counts and gauges.

use std::{collections::HashSet, time::Duration};

use chrono::TimeDelta;
use habeas_domain::{
    Actor, AgentReason, PaperKind, Personal, RequestId, RequestState, Right, WorkKind, WorkState,
};
use habeas_ledger::{NewRequest, OpenByDue, RequestFilter, WorkFilter};

use serde_json::{Value, json};

use crate::{
    steps::{new_request, staff, submission},
    world::{World, start},
};

on_both!(
    pages_neither_repeat_nor_hide,
    filters_find_what_they_name,
    staff_find_children_papers_and_agents,
    a_page_costs_the_same_however_long_it_is,
    work_is_listed_and_counted,
    open_requests_are_counted_by_due_date,
    a_reference_finds_its_request,
);

fn arriving(email: &str, minutes: i64, rights: &[Right]) -> NewRequest {
    let mut new = new_request(email, rights);
    new.submission.received_at = start() + TimeDelta::minutes(minutes);
    new
}

async fn all(world: &World, filter: &RequestFilter) -> Vec<RequestId> {
    let page = world.ledger.list_requests(filter, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.items.into_iter().map(|view| view.id).collect()
}

async fn pages_neither_repeat_nor_hide(world: World) {
    let new = (0..25).map(|n| arriving(&format!("person{n}@example.jp"), n / 5, &[Right::Access])).collect();
    world.ledger.accept(new).await.unwrap();
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = world.ledger.list_requests(&RequestFilter::default(), cursor, 7).await.unwrap();
        seen.extend(page.items.iter().map(|view| (view.received_at, view.id)));
        world.accept(arriving("late@example.jp", 600, &[Right::Access])).await;
        let Some(next) = page.next else { break };
        cursor = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(seen.len(), 25, "what arrived meanwhile is newer than where the list began");
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 25);
    assert!(seen.is_sorted_by(|one, next| one > next));
}

async fn filters_find_what_they_name(world: World) {
    let closed = world.accept(arriving("hanako@example.jp", 1, &[Right::Access])).await;
    world.ledger.withdraw(closed, Actor::Subject).await.unwrap();
    let open = world.accept(arriving("hanako@example.jp", 2, &[Right::Deletion])).await;
    let other = world.accept(arriving("taro@example.jp", 3, &[Right::Access, Right::Deletion])).await;
    world.prove(other).await;
    let base = RequestFilter::default;
    let email = Some(habeas_domain::EmailAddress::parse("Hanako@Example.jp").unwrap());
    let reference = Some(format!(" {} ", other.reference().to_lowercase()));
    let cases = [
        (base(), vec![other, open, closed]),
        (RequestFilter { open: true, ..base() }, vec![other, open]),
        (RequestFilter { state: Some(RequestState::Closed), ..base() }, vec![closed]),
        (RequestFilter { state: Some(RequestState::Resolving), ..base() }, vec![other]),
        (RequestFilter { right: Some(Right::Deletion), ..base() }, vec![other, open]),
        (RequestFilter { right: Some(Right::Correction), ..base() }, vec![]),
        (RequestFilter { due_before: Some(start() + TimeDelta::days(32)), ..base() }, vec![other, open]),
        (RequestFilter { due_before: Some(start()), ..base() }, vec![]),
        (RequestFilter { reference, ..base() }, vec![other]),
        (RequestFilter { email: email.clone(), ..base() }, vec![open, closed]),
        (RequestFilter { email, open: true, ..base() }, vec![open]),
    ];
    for (filter, wanted) in cases {
        assert_eq!(all(&world, &filter).await, wanted, "{filter:?}");
    }
}

/// A request with these parts beside the person and the right.
fn with(email: &str, minutes: i64, more: &[(&str, Value)]) -> NewRequest {
    let mut value = json!({ "subject": { "email": email }, "rights": ["access"] });
    for (field, part) in more {
        value[*field] = part.clone();
    }
    let mut new = NewRequest { submission: submission(&value), ..new_request(email, &[Right::Access]) };
    new.submission.received_at = start() + TimeDelta::minutes(minutes);
    new
}

async fn staff_find_children_papers_and_agents(world: World) {
    let agent = |email: &str| {
        ("agent", json!({ "name": "Alex Agent", "email": email, "mandate": "signed-permission" }))
    };
    let (alex, eve) = (agent("alex@agents.example"), agent("eve@agents.example"));
    let plain = world.accept(arriving("hanako@example.jp", 1, &[Right::Access])).await;
    let child = world.accept(with("taro@example.jp", 2, &[("child", json!({}))])).await;
    let of_alex = world.accept(with("jiro@example.jp", 3, std::slice::from_ref(&alex))).await;
    let second = world.accept(with("saburo@example.jp", 4, &[alex])).await;
    let of_eve = world.accept(with("shiro@example.jp", 5, &[eve])).await;
    let document = Personal::new(b"%PDF-1.7\nI empower Alex.".to_vec());
    let (until, id) = (start() + TimeDelta::days(9), world.view(of_alex).await.agent.unwrap());
    world.ledger.add_paper(of_alex, PaperKind::Mandate, &document, staff(2), until).await.unwrap();
    let base = RequestFilter::default;
    for (filter, wanted) in [
        (base(), vec![of_eve, second, of_alex, child, plain]),
        (RequestFilter { child: true, ..base() }, vec![child]),
        (RequestFilter { paper_to_judge: true, ..base() }, vec![of_alex]),
        (RequestFilter { by_agent: true, ..base() }, vec![of_eve, second, of_alex]),
        (RequestFilter { agent: Some(id), ..base() }, vec![second, of_alex]),
        (RequestFilter { agent: Some(id), child: true, ..base() }, vec![]),
        (RequestFilter { agent_stopped: true, ..base() }, vec![]),
    ] {
        assert_eq!(all(&world, &filter).await, wanted, "{filter:?}");
    }
    world.ledger.bar_agent(id, AgentReason::Flood, staff(2)).await.unwrap();
    world.ledger.withdraw(second, staff(2)).await.unwrap();
    let stopped = RequestFilter { agent_stopped: true, ..base() };
    assert_eq!(all(&world, &stopped).await, [of_alex], "what is closed is done with");
}

async fn a_page_costs_the_same_however_long_it_is(world: World) {
    let new = (0..40).map(|n| arriving(&format!("person{n}@example.jp"), n, &Right::ALL)).collect();
    world.ledger.accept(new).await.unwrap();
    let mut costs = Vec::new();
    for limit in [1, 40] {
        let before = world.statements();
        let page = world.ledger.list_requests(&RequestFilter::default(), None, limit).await.unwrap();
        assert_eq!(page.items.len() as u64, limit);
        costs.push(world.statements() - before);
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 9, "{costs:?}");
}

async fn work_is_listed_and_counted(world: World) {
    let request = world.resolved(&[Right::Access], &["crm", "shop"]).await;
    let tasks = WorkFilter { kind: Some(WorkKind::Task), request: Some(request), ..WorkFilter::default() };
    let first = world.ledger.work_list(&tasks, None, 1).await.unwrap();
    let rest = world.ledger.work_list(&tasks, first.next, 1).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (1, 1, None));
    assert_ne!(first.items[0].id, rest.items[0].id);
    let shop = WorkFilter { store: Some(crate::steps::store("shop")), ..WorkFilter::default() };
    assert_eq!(world.ledger.work_list(&shop, None, 10).await.unwrap().items.len(), 1);
    let counts = world.ledger.work_counts().await.unwrap();
    let waiting: u64 = counts
        .iter()
        .filter(|one| one.kind == WorkKind::Task && one.state == WorkState::Waiting && one.store.is_some())
        .map(|one| one.count)
        .sum();
    assert_eq!(waiting, 2);
    assert!(counts.iter().all(|one| one.state != WorkState::Done), "what is done is not counted");
    assert!(counts.iter().all(|one| one.oldest > Duration::ZERO), "{counts:?}");
}

async fn open_requests_are_counted_by_due_date(world: World) {
    for (n, days) in [-1, 1, 2, 5, 30, 60].into_iter().enumerate() {
        let mut new = arriving(&format!("person{n}@example.jp"), 0, &[Right::Access]);
        // The last day itself is later; the earliest reading of the law counts.
        new.deadline.due_at = start() + TimeDelta::days(days + 40);
        new.deadline.alert_at = start() + TimeDelta::days(days);
        world.accept(new).await;
    }
    let gauges = world.ledger.gauges().await.unwrap();
    assert_eq!(gauges.open, OpenByDue { overdue: 1, within_72h: 2, within_7d: 1, later: 2 });
    assert_eq!((gauges.outbox.messages, gauges.outbox.oldest), (12, Duration::ZERO));
    world.clock.advance(TimeDelta::seconds(90));
    assert_eq!(world.ledger.outbox_backlog().await.unwrap().oldest, Duration::from_secs(90));
    assert!(gauges.parked.is_empty());
}

async fn a_reference_finds_its_request(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let found = world.ledger.find_by_reference(&request.reference()).await.unwrap();
    assert_eq!(found, [world.view(request).await]);
    assert!(world.ledger.find_by_reference("HB-0000-0000").await.unwrap().is_empty());
    let unknown = world.ledger.ids().fresh();
    assert!(world.ledger.request_view(unknown).await.is_err());
}
