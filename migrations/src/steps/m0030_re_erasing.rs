//! The last run of erasing again in a closed store: when it began, what it was told, and how it ended.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, moment_or_null, text_or_null, uuid_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let run = vec![
            uuid_or_null("run_id"),
            moment_or_null("run_began_at"),
            text_or_null("run_by"),
            moment_or_null("run_restored_to"),
            text_or_null("run_confirmed"),
            // By the database's clock: a run that shows no life until then was cut off.
            moment_or_null("run_until"),
            moment_or_null("run_ended_at"),
            text_or_null("run_fault"),
        ];
        add(manager, "store_closing", run).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let run = [
            "run_id",
            "run_began_at",
            "run_by",
            "run_restored_to",
            "run_confirmed",
            "run_until",
            "run_ended_at",
            "run_fault",
        ];
        drop_columns(manager, "store_closing", &run).await
    }
}
