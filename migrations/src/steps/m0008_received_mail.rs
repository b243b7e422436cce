//! Mails that come in, and how far each mailbox has been read.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes_or_null, counter, create, drop, id, moment, moment_or_null, number, number_or_null, run, text,
    text_or_null, uuid_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, "received_mail", received_mail()).await?;
        // Apart from the rest, so that neither a list nor a lease moves megabytes.
        let content = vec![id("mail_id"), bytes_or_null("raw"), bytes_or_null("reading")];
        create(manager, "received_content", content).await?;
        let mailbox = vec![
            text("name"),
            text("folder"),
            number("uidvalidity"),
            number("last_uid"),
            moment("cut_off"),
            moment("connected_at"),
            moment_or_null("read_at"),
        ];
        create(manager, "mailbox", mailbox).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX mailbox_folder ON mailbox (name, folder)",
                "CREATE UNIQUE INDEX received_mail_place ON received_mail (mailbox, folder, uidvalidity, uid)",
                "CREATE UNIQUE INDEX received_mail_digest ON received_mail (digest)",
                "CREATE INDEX received_mail_message ON received_mail (message_lookup)",
                "CREATE INDEX received_mail_answered ON received_mail (sender_lookup, answered_at) \
                 WHERE answered_at IS NOT NULL",
                "CREATE INDEX received_mail_of_request ON received_mail (request_id)",
                "CREATE INDEX received_mail_due ON received_mail (next_attempt_at, id) WHERE state = 'stored'",
                "CREATE INDEX received_mail_untold ON received_mail (mailbox, folder, uidvalidity) \
                 WHERE told_at IS NULL",
                "CREATE INDEX received_mail_by_state ON received_mail (state, id)",
                "CREATE INDEX received_mail_erasable ON received_mail (decided_at) WHERE wrapped_key IS NOT NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["mailbox", "received_content", "received_mail"]).await
    }
}

fn received_mail() -> Vec<ColumnDef> {
    vec![
        id("id"),
        text("mailbox"),
        text_or_null("folder"),
        number_or_null("uidvalidity"),
        number_or_null("uid"),
        bytes_or_null("digest"),
        bytes_or_null("message_lookup"),
        bytes_or_null("sender_lookup"),
        bytes_or_null("wrapped_key"),
        bytes_or_null("note"),
        number("bytes"),
        text("state"),
        text_or_null("verdict"),
        text_or_null("authentication"),
        text_or_null("reason"),
        uuid_or_null("request_id"),
        counter("attempts"),
        moment("next_attempt_at"),
        counter("lease_epoch"),
        moment_or_null("lease_until"),
        moment("received_at"),
        moment("stored_at"),
        moment_or_null("told_at"),
        moment_or_null("decided_at"),
        moment_or_null("answered_at"),
    ]
}
