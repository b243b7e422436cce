//! Replies that staff have yet to read and what they say of their request; by when a mail that waits has to be answered;
//! how often the reading of a mail was put off.

use sea_orm_migration::prelude::*;

use crate::columns::{add, drop_columns, moment_or_null, number_or_null, run, text_or_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mail = vec![
            moment_or_null("unread_since"),
            text_or_null("says"),
            moment_or_null("due_at"),
            moment_or_null("due_told_at"),
            number_or_null("put_off"),
        ];
        add(manager, "received_mail", mail).await?;
        add(manager, "request", vec![moment_or_null("halted_at")]).await?;
        run(
            manager,
            &[
                "CREATE INDEX received_mail_unread ON received_mail (request_id) WHERE unread_since IS NOT NULL",
                "CREATE INDEX received_mail_answer_by ON received_mail (due_at) \
                 WHERE state IN ('proposal', 'parked')",
                "CREATE INDEX request_halted ON request (id) WHERE halted_at IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX request_halted",
                "DROP INDEX received_mail_answer_by",
                "DROP INDEX received_mail_unread",
            ],
        )
        .await?;
        drop_columns(manager, "request", &["halted_at"]).await?;
        let mail = ["put_off", "due_told_at", "due_at", "says", "unread_since"];
        drop_columns(manager, "received_mail", &mail).await
    }
}
