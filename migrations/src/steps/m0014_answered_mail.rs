//! Answers to mails that ask for nothing; how a mail was handed in; who wrote a mail of a request; what a person has
//! proven beside the address of the request.

use sea_orm_migration::prelude::*;

use crate::columns::{
    add, bytes_or_null, counter, create, drop, drop_columns, id, moment, moment_or_null, run, text,
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
        let answer = vec![
            id("id"),
            uuid("received_id"),
            bytes_or_null("recipient"),
            text("language"),
            text("state"),
            counter("attempts"),
            moment("next_attempt_at"),
            counter("lease_epoch"),
            moment_or_null("lease_until"),
            moment("created_at"),
            moment_or_null("ended_at"),
        ];
        create(manager, "form_answer", answer).await?;
        add(manager, "received_mail", vec![text_or_null("written_by"), bytes_or_null("delivery")]).await?;
        add(manager, "request", vec![bytes_or_null("also_proven")]).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX form_answer_of_mail ON form_answer (received_id)",
                "CREATE INDEX form_answer_due ON form_answer (next_attempt_at, id) WHERE state = 'waiting'",
                "CREATE INDEX form_answer_ended ON form_answer (ended_at) WHERE ended_at IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "request", &["also_proven"]).await?;
        drop_columns(manager, "received_mail", &["delivery", "written_by"]).await?;
        drop(manager, &["form_answer"]).await
    }
}
