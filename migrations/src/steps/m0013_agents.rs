//! Agents who show that their address is theirs, their batches, what is stopped with them, and what they may receive.

use sea_orm_migration::prelude::*;

use crate::columns::{
    add, bytes, bytes_or_null, counter, create, drop, drop_columns, flag, id, moment, moment_or_null, number,
    run, text, text_or_null, uuid_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let agent = vec![
            moment_or_null("proven_at"),
            moment_or_null("challenged_at"),
            counter("paced_until"),
            text_or_null("reason"),
            counter("mandates_refused"),
        ];
        add(manager, "agent", agent).await?;
        let request = vec![
            flag("agent_waits"),
            flag("receipt_owed"),
            moment_or_null("agent_stopped_at"),
            moment_or_null("agent_ended_at"),
            moment_or_null("agent_receives_at"),
            moment_or_null("mandate_ends_at"),
            bytes_or_null("mandate_digest"),
            uuid_or_null("batch_id"),
        ];
        add(manager, "request", request).await?;
        add(manager, "paper_judgement", vec![flag("agent_receives")]).await?;
        let batch = vec![
            id("id"),
            text("submitted_by"),
            bytes("name_lookup"),
            counter("refused"),
            moment("created_at"),
        ];
        create(manager, "batch", batch).await?;
        let agent_package = vec![
            id("package_id"),
            bytes("token_hash"),
            moment("expires_at"),
            number("downloads_left"),
            moment("created_at"),
        ];
        create(manager, "agent_package", agent_package).await?;
        run(manager, &INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            "DROP INDEX request_mandate_digest",
            "DROP INDEX request_batch",
            "DROP INDEX request_agent_waits",
            "DROP INDEX request_agent_open",
        ];
        run(manager, &indexes).await?;
        drop(manager, &["agent_package", "batch"]).await?;
        drop_columns(manager, "paper_judgement", &["agent_receives"]).await?;
        let request = [
            "batch_id",
            "mandate_digest",
            "mandate_ends_at",
            "agent_receives_at",
            "agent_ended_at",
            "agent_stopped_at",
            "receipt_owed",
            "agent_waits",
        ];
        drop_columns(manager, "request", &request).await?;
        let agent = ["mandates_refused", "reason", "paced_until", "challenged_at", "proven_at"];
        drop_columns(manager, "agent", &agent).await
    }
}

const INDEXES: [&str; 7] = [
    "CREATE UNIQUE INDEX batch_name ON batch (submitted_by, name_lookup)",
    "CREATE INDEX batch_age ON batch (created_at)",
    "CREATE UNIQUE INDEX agent_package_token ON agent_package (token_hash)",
    "CREATE INDEX request_mandate_digest ON request (mandate_digest) WHERE mandate_digest IS NOT NULL",
    "CREATE INDEX request_batch ON request (batch_id) WHERE batch_id IS NOT NULL",
    "CREATE INDEX request_agent_waits ON request (agent_id) WHERE agent_waits",
    "CREATE INDEX request_agent_open ON request (agent_id) WHERE closed_at IS NULL AND agent_id IS NOT NULL",
];
