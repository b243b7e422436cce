//! Papers given as evidence: what is known of each, its bytes in a table of their own, and who judged it.

use sea_orm_migration::prelude::*;

use crate::columns::{
    add, bytes, bytes_or_null, counter, create, drop, drop_columns, flag, id, moment, moment_or_null,
    number_or_null, run, text, text_or_null, uuid, uuid_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "request", vec![counter("papers")]).await?;
        let paper = vec![
            id("id"),
            uuid("request_id"),
            text("kind"),
            text("state"),
            text_or_null("asked_by"),
            moment_or_null("asked_at"),
            bytes_or_null("reason"),
            uuid_or_null("challenge_id"),
            text_or_null("given_by"),
            moment_or_null("given_at"),
            text_or_null("media_type"),
            number_or_null("size"),
            bytes_or_null("sha256"),
            bytes_or_null("lookup"),
            flag("reused"),
            moment("ends_at"),
            moment_or_null("decided_at"),
            moment_or_null("destroyed_at"),
        ];
        create(manager, "paper", paper).await?;
        create(manager, "paper_content", vec![id("paper_id"), bytes("content")]).await?;
        let judgement = vec![
            id("id"),
            uuid("paper_id"),
            text("judged_by"),
            text("decision"),
            bytes_or_null("note"),
            moment("judged_at"),
        ];
        create(manager, "paper_judgement", judgement).await?;
        run(
            manager,
            &[
                "CREATE INDEX paper_of_request ON paper (request_id)",
                "CREATE INDEX paper_challenge ON paper (challenge_id) WHERE challenge_id IS NOT NULL",
                "CREATE INDEX paper_lookup ON paper (lookup) WHERE lookup IS NOT NULL",
                "CREATE INDEX paper_end ON paper (ends_at) WHERE state IN ('asked', 'given')",
                "CREATE UNIQUE INDEX paper_judgement_once ON paper_judgement (paper_id, judged_by)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["paper_judgement", "paper_content", "paper"]).await?;
        drop_columns(manager, "request", &["papers"]).await
    }
}
