//! What stopped a request for a person to look, and what staff decided about it.

use sea_orm_migration::prelude::*;

use crate::columns::{
    add, bytes, bytes_or_null, counter, create, drop, drop_columns, flag, id, moment, number, number_or_null,
    run, text, text_or_null, uuid,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "request", vec![counter("findings")]).await?;
        let finding = vec![
            id("id"),
            uuid("request_id"),
            bytes("hash"),
            text("kind"),
            text("state"),
            text_or_null("key_name"),
            text_or_null("store"),
            text_or_null("collection"),
            flag("identifying"),
            number("allowed"),
            bytes_or_null("found"),
            moment("found_at"),
            text_or_null("decision"),
            number_or_null("up_to"),
        ];
        create(manager, "review_finding", finding).await?;
        let decision = vec![
            id("id"),
            uuid("finding_id"),
            text("decided_by"),
            text("decision"),
            number_or_null("up_to"),
            bytes_or_null("reason"),
            moment("decided_at"),
        ];
        create(manager, "review_decision", decision).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX review_finding_once ON review_finding (request_id, hash)",
                "CREATE UNIQUE INDEX review_decision_once ON review_decision (finding_id, decided_by)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["review_decision", "review_finding"]).await?;
        drop_columns(manager, "request", &["findings"]).await
    }
}
