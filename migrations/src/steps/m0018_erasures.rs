//! Erasures that a restored backup could undo: whom they were about, as keyed hashes, and the closing of the stores that
//! were restored.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, create, drop, flag, id, moment, moment_or_null, number, run, text, text_or_null, uuid,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_keyed(manager, "erasure", erasure(), &["request_id", "store", "since"]).await?;
        let key = vec![bytes("lookup"), uuid("request_id")];
        create_keyed(manager, "erased_key", key, &["lookup", "request_id"]).await?;
        let horizon = vec![number("id").primary_key().take(), moment("complete_since")];
        create(manager, "erasure_horizon", horizon).await?;
        create(manager, "store_closing", store_closing()).await?;
        run(manager, &INDEXES).await?;
        // What was erased before this step is not remembered. A database without requests lacks nothing.
        let now = match manager.get_database_backend() {
            sea_orm::DbBackend::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
            _ => "(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000)::bigint",
        };
        let from = format!(
            "INSERT INTO erasure_horizon (id, complete_since) \
             SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM request) THEN {now} ELSE 0 END"
        );
        run(manager, &[&from]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["store_closing", "erasure_horizon", "erased_key", "erasure"]).await
    }
}

fn erasure() -> Vec<ColumnDef> {
    vec![
        uuid("request_id"),
        text("store"),
        // Zero for the whole of a deletion; for what a keep rule put off, when the deletion itself was proven.
        number("since"),
        moment("erased_at"),
        text_or_null("back"),
        text_or_null("back_detail"),
        moment_or_null("back_at"),
    ]
}

fn store_closing() -> Vec<ColumnDef> {
    vec![
        id("id"),
        text("store"),
        // The store once more as long as it is closed, so that it is closed once.
        text_or_null("closed_store"),
        moment("closed_at"),
        text("closed_by"),
        text("reason"),
        moment_or_null("re_erased_at"),
        moment_or_null("restored_to"),
        flag("whole"),
        text_or_null("found"),
        moment_or_null("reopened_at"),
        text_or_null("reopened_by"),
        text_or_null("reopen_reason"),
    ]
}

async fn create_keyed(
    manager: &SchemaManager<'_>,
    name: &str,
    columns: Vec<ColumnDef>,
    key: &[&str],
) -> Result<(), DbErr> {
    let (mut table, mut once) = (Table::create(), Index::create());
    table.table(Alias::new(name));
    for mut column in columns {
        table.col(&mut column);
    }
    for column in key {
        once.col(Alias::new(*column));
    }
    manager.create_table(table.primary_key(&mut once).to_owned()).await
}

const INDEXES: [&str; 5] = [
    "CREATE INDEX erasure_age ON erasure (erased_at)",
    "CREATE INDEX erasure_back ON erasure (store, request_id) WHERE back IS NOT NULL",
    "CREATE INDEX erased_key_of_request ON erased_key (request_id)",
    "CREATE UNIQUE INDEX store_closed_once ON store_closing (closed_store)",
    "CREATE INDEX store_closing_age ON store_closing (store, closed_at)",
];
