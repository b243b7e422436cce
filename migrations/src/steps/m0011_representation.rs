//! The warning before a deletion, and what becomes of an objection to it.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, moment_or_null, number_or_null, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let job = vec![number_or_null("grace"), moment_or_null("noticed_at"), moment_or_null("grace_until")];
        add(manager, "job", job).await?;
        let request = vec![moment_or_null("disputed_at"), moment_or_null("dispute_settled_at")];
        add(manager, "request", request).await?;
        run(
            manager,
            &[
                "CREATE INDEX job_grace ON job (grace_until) WHERE state = 'awaiting-grace'",
                "CREATE INDEX request_disputed ON request (disputed_at) WHERE disputed_at IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX request_disputed", "DROP INDEX job_grace"]).await?;
        drop_columns(manager, "request", &["dispute_settled_at", "disputed_at"]).await?;
        drop_columns(manager, "job", &["grace_until", "noticed_at", "grace"]).await
    }
}
