//! The audit trail: one hash chain per request, and signed checkpoints over all chains.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, create, drop, id, moment, number, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut audit = Table::create();
        audit
            .table(Alias::new("audit"))
            .col(uuid("request_id"))
            .col(number("seq"))
            .col(moment("at"))
            .col(text("actor"))
            .col(text("event"))
            .col(text("detail"))
            .col(bytes("previous"))
            .col(bytes("hash"))
            .primary_key(Index::create().col(Alias::new("request_id")).col(Alias::new("seq")));
        manager.create_table(audit).await?;
        let checkpoint = vec![
            id("id"),
            number("chains"),
            bytes("root"),
            text("key_id"),
            bytes("signature"),
            moment("created_at"),
        ];
        create(manager, "audit_checkpoint", checkpoint).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["audit_checkpoint", "audit"]).await
    }
}
