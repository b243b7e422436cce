//! The warning before a deletion, what becomes of an objection to it, and agents who ask for others.

use sea_orm_migration::prelude::*;

use crate::columns::{
    add, bytes, bytes_or_null, create, drop, drop_columns, flag, id, moment, moment_or_null, number_or_null,
    run, uuid_or_null,
};

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
        let request = vec![
            moment_or_null("disputed_at"),
            moment_or_null("dispute_settled_at"),
            uuid_or_null("agent_id"),
            bytes_or_null("mandate_lookup"),
            flag("mandate_reused"),
        ];
        add(manager, "request", request).await?;
        let agent = vec![id("id"), bytes("lookup"), moment("first_seen_at"), moment_or_null("barred_at")];
        create(manager, "agent", agent).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX agent_lookup ON agent (lookup)",
                "CREATE INDEX request_agent ON request (agent_id) WHERE agent_id IS NOT NULL",
                "CREATE INDEX request_mandate ON request (mandate_lookup) WHERE mandate_lookup IS NOT NULL",
                "CREATE INDEX job_grace ON job (grace_until) WHERE state = 'awaiting-grace'",
                "CREATE INDEX request_disputed ON request (disputed_at) WHERE disputed_at IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            "DROP INDEX request_disputed",
            "DROP INDEX job_grace",
            "DROP INDEX request_mandate",
            "DROP INDEX request_agent",
        ];
        run(manager, &indexes).await?;
        drop(manager, &["agent"]).await?;
        let request = ["mandate_reused", "mandate_lookup", "agent_id", "dispute_settled_at", "disputed_at"];
        drop_columns(manager, "request", &request).await?;
        drop_columns(manager, "job", &["grace_until", "noticed_at", "grace"]).await
    }
}
