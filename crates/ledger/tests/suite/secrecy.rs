//! What the tables hold of a person: nothing that can be read.

use habeas_domain::{
    Outcome, Right, WorkKind,
    review::{Opinion, ReviewDecision},
    text::FreeText,
};
use habeas_ledger::{NewRequest, QueueSubmission};
use sea_orm::DbBackend;

use crate::{
    steps::{contradiction, new_request, staff},
    world::World,
};

on_both!(no_table_holds_a_persons_values);

/// Values that were handed in, resolved, planned or mailed.
const VALUES: [&str; 11] = [
    "hanako",
    "HANAKO",
    "example.jp",
    "山田",
    "花子",
    "90000000",
    "C-4242",
    "be quick",
    "privacy.example.com",
    "secret-link",
    "9000-0000",
];

async fn columns(world: &World) -> Vec<(String, String)> {
    let sql = match world.db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
             WHERE table_schema = 'public'"
        }
    };
    let read = |row: &sea_orm::QueryResult| (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap());
    world.rows(sql).await.iter().map(read).collect()
}

/// How many cells hold `value`, as text or as bytes.
async fn cells_with(world: &World, value: &str) -> Vec<String> {
    let digits = hex::encode_upper(value);
    let mut found = Vec::new();
    for (table, column) in columns(world).await {
        let holds = match world.db.get_database_backend() {
            DbBackend::Sqlite => format!("instr(hex(\"{column}\"), '{digits}') > 0"),
            _ => format!(
                "position('{value}' in \"{column}\"::text) > 0 \
                 OR position(lower('{digits}') in \"{column}\"::text) > 0"
            ),
        };
        let n = world.number(&format!("SELECT COUNT(*) AS n FROM \"{table}\" WHERE {holds}")).await;
        if n > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

async fn no_table_holds_a_persons_values(world: World) {
    let rights = Right::ALL;
    let keyed = NewRequest {
        idempotency_key: Some("<mail-of-hanako@example.jp>".to_owned()),
        ..new_request("hanako@example.jp", &rights)
    };
    let request = world.accept(keyed).await;
    world.prove(request).await;
    let lease = world.claim_one(request, WorkKind::Resolve).await.lease;
    world.ledger.review_needed(lease, request, &contradiction("hanako@example.jp")).await.unwrap();
    let finding = world.view(request).await.findings[0].finding;
    for by in [staff(2), staff(3)] {
        let reason = FreeText::parse("花子 called").unwrap();
        let opinion = Opinion { by, decision: ReviewDecision::SamePerson };
        world.ledger.decide_finding(request, finding, opinion, reason).await.unwrap();
    }
    world.resolve(request, &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.approve(request, Right::Correction, staff(2)).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    let message = QueueSubmission {
        consumer: "habeas.intake".to_owned(),
        message_id: "ticket of hanako@example.jp".to_owned(),
        body_fingerprint: [1; 32],
        new: Ok(new_request("hanako@example.jp", &[Right::Access])),
        reply_to: None,
        correlation: None,
    };
    world.ledger.accept_from_queue(vec![message]).await.unwrap();
    for value in VALUES {
        assert_eq!(cells_with(&world, value).await, Vec::<String>::new(), "{value}");
    }
    assert!(!cells_with(&world, "awaiting-").await.is_empty(), "the search does find what is there");
    let person = world.ledger.person(request).await.unwrap();
    assert_eq!(person.expose().subject.email.as_str(), "hanako@example.jp");
    assert_eq!(format!("{person:?}"), "[personal]");
}
