//! Closed requests and finished work, however many, cost nothing: no hot query reads through a whole table.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{Outcome, RequestState, Right};
use habeas_ledger::{RequestFilter, WorkFilter};

use crate::{
    steps::{new_request, purge_closed, staff},
    world::{World, start},
};

/// Twenty thousand closed requests with three pieces of finished work each.
const HISTORY: [&str; 6] = [
    "INSERT INTO request SELECT gen_random_uuid(), 'HB-' || n, 'closed', 'done', 'eu_gdpr', 'en', 'api', 'system', \
     sha256(n::text::bytea), NULL, NULL, '\\x00', NULL, NULL, NULL, NULL, n, n, '2025-01-01', n, n, 0, 0, 0, n \
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO job SELECT gen_random_uuid(), id, 'access', 'ended', 'done', 'automatic', NULL, NULL, 0, 0, 0, 1, 1 \
     FROM request",
    "INSERT INTO work SELECT gen_random_uuid(), kind, 'habeas.mail', job.request_id, job.id, gen_random_uuid(), \
     CASE kind WHEN 'task' THEN 'shop' ELSE '' END, \
     'done', 1, 0, 1, NULL, NULL, true, NULL, NULL, 1, 1 FROM job, unnest(ARRAY['mail', 'task', 'resolve']) AS kind",
    "INSERT INTO mail SELECT gen_random_uuid(), id, NULL, 'received', id::text, 'sent', NULL, NULL, 1, 1 FROM request",
    "INSERT INTO audit SELECT id, 1, 1, 'system', 'closed', 'null', '\\x00', '\\x00' FROM request",
    "ANALYZE",
];

/// How often each large table was read from end to end.
async fn scans(world: &World) -> Vec<(String, i64)> {
    world.rows("SELECT pg_stat_force_next_flush()::text").await;
    let sql = "SELECT relname::text AS t, seq_scan AS n FROM pg_stat_user_tables \
               WHERE relname IN ('request', 'job', 'work', 'mail', 'audit') ORDER BY 1";
    let rows = world.rows(sql).await;
    rows.iter().map(|row| (row.try_get("", "t").unwrap(), row.try_get("", "n").unwrap())).collect()
}

async fn a_life(world: &World, email: &str) {
    let request = world.accept(new_request(email, &[Right::Access, Right::Deletion])).await;
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.send_mails(request).await;
    world.ledger.due(Duration::ZERO, 100).await.unwrap();
    world.ledger.abandoned(&["habeas.mail".to_owned(), "habeas.conclude".to_owned()], 100).await.unwrap();
    world.ledger.gauges().await.unwrap();
    world.ledger.lapse_unverified(10).await.unwrap();
    world.ledger.report_near_due(Duration::from_hours(72), 10).await.unwrap();
    purge_closed(world, start() - TimeDelta::days(1)).await;
    world.ledger.requeue_by_fault("store-unavailable", staff(2)).await.unwrap();
    let filters = [
        RequestFilter::default(),
        RequestFilter { open: true, ..RequestFilter::default() },
        RequestFilter { state: Some(RequestState::InProgress), ..RequestFilter::default() },
        RequestFilter {
            email: Some(habeas_domain::EmailAddress::parse(email).unwrap()),
            ..RequestFilter::default()
        },
        RequestFilter { reference: Some(request.reference()), ..RequestFilter::default() },
    ];
    for filter in filters {
        world.ledger.list_requests(&filter, None, 20).await.unwrap();
    }
    world
        .ledger
        .work_list(&WorkFilter { request: Some(request), ..WorkFilter::default() }, None, 20)
        .await
        .unwrap();
}

#[tokio::test]
async fn postgresql_reads_no_large_table_from_end_to_end() {
    let world = World::postgresql_with(1).await;
    for sql in HISTORY {
        world.run(sql).await;
    }
    let before = scans(&world).await;
    // Often enough for PostgreSQL to consider a plan that serves all values.
    for n in 0..8 {
        a_life(&world, &format!("person{n}@example.jp")).await;
    }
    assert_eq!(scans(&world).await, before);
    world.rows("SELECT COUNT(fault_detail) FROM work").await;
    assert_ne!(scans(&world).await, before, "a whole table that is read does show");
}
