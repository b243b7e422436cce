//! Legal holds, the keys that they and planned deletions are compared by, and what they stop.

use sea_orm_migration::prelude::*;

use crate::columns::{
    add, bytes, bytes_or_null, counter, create, drop, drop_columns, id, moment, moment_or_null, run, text,
    text_or_null, uuid,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let hold = vec![
            id("id"),
            text("placed_by"),
            moment("placed_at"),
            text_or_null("review_on"),
            bytes("wrapped_key"),
            bytes("matter"),
            moment_or_null("lifted_at"),
            text_or_null("lifted_by"),
            bytes_or_null("lift_note"),
        ];
        create(manager, "hold", hold).await?;
        create_pairs(manager, "hold_key", bytes("lookup"), uuid("hold_id")).await?;
        create_pairs(manager, "request_key", uuid("request_id"), bytes("lookup")).await?;
        create_pairs(manager, "job_hold", uuid("job_id"), uuid("hold_id")).await?;
        add(manager, "job", vec![moment_or_null("held_at"), counter("tasks_held")]).await?;
        run(manager, &INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX work_held", "DROP INDEX job_held"]).await?;
        drop_columns(manager, "job", &["tasks_held", "held_at"]).await?;
        drop(manager, &["job_hold", "request_key", "hold_key", "hold"]).await
    }
}

/// A table of pairs, each of which is there once.
async fn create_pairs(
    manager: &SchemaManager<'_>,
    name: &str,
    mut first: ColumnDef,
    mut second: ColumnDef,
) -> Result<(), DbErr> {
    let columns = [first.get_column_name(), second.get_column_name()];
    let mut once = Index::create();
    for column in columns {
        once.col(Alias::new(column));
    }
    let table = Table::create()
        .table(Alias::new(name))
        .col(&mut first)
        .col(&mut second)
        .primary_key(&mut once)
        .to_owned();
    manager.create_table(table).await
}

const INDEXES: [&str; 6] = [
    "CREATE INDEX hold_placed ON hold (placed_at)",
    "CREATE INDEX hold_key_of_hold ON hold_key (hold_id)",
    "CREATE INDEX request_key_lookup ON request_key (lookup)",
    "CREATE INDEX job_hold_of_hold ON job_hold (hold_id)",
    "CREATE INDEX job_held ON job (id) WHERE state IN ('held', 'held-in-part')",
    "CREATE INDEX work_held ON work (kind, store) WHERE state = 'held'",
];
