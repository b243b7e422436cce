//! What reaches the person: mails, packages, receipts.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, bytes_or_null, create, drop, id, moment, moment_or_null, number, run, text, uuid, uuid_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mail = vec![
            id("id"),
            uuid("request_id"),
            uuid_or_null("job_id"),
            text("kind"),
            text("dedupe"),
            text("state"),
            bytes_or_null("recipient"),
            bytes_or_null("letter"),
            moment("created_at"),
            moment_or_null("sent_at"),
        ];
        create(manager, "mail", mail).await?;
        let package = vec![
            id("id"),
            uuid("request_id"),
            uuid("job_id"),
            text("object"),
            bytes("sha256"),
            number("bytes"),
            number("rows_held"),
            bytes_or_null("token_hash"),
            moment("expires_at"),
            number("downloads_left"),
            moment("created_at"),
        ];
        create(manager, "package", package).await?;
        let receipt = vec![
            id("id"),
            uuid("request_id"),
            uuid("job_id"),
            text("body"),
            text("key_id"),
            bytes("signature"),
            moment("created_at"),
        ];
        create(manager, "receipt", receipt).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX mail_once ON mail (dedupe)",
                "CREATE INDEX mail_of_request ON mail (request_id)",
                "CREATE INDEX mail_of_job ON mail (job_id)",
                "CREATE UNIQUE INDEX package_of_job ON package (job_id)",
                "CREATE INDEX package_of_request ON package (request_id)",
                "CREATE UNIQUE INDEX package_token ON package (token_hash)",
                "CREATE INDEX package_expiry ON package (expires_at)",
                "CREATE INDEX receipt_of_job ON receipt (job_id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["receipt", "package", "mail"]).await
    }
}
