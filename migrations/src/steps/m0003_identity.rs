//! Challenges, by which a person proves who they are, and the tokens of staff and systems.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, bytes_or_null, counter, create, drop, id, moment, moment_or_null, run, text, text_or_null, uuid,
    uuid_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let challenge = vec![
            id("id"),
            uuid("request_id"),
            text("purpose"),
            uuid_or_null("job_id"),
            uuid_or_null("package_id"),
            bytes_or_null("token_hash"),
            text_or_null("code_hash"),
            moment_or_null("link_expires_at"),
            moment_or_null("code_expires_at"),
            counter("tries_left"),
            moment("created_at"),
            moment_or_null("used_at"),
        ];
        create(manager, "challenge", challenge).await?;
        let api_token = vec![
            id("id"),
            text("name"),
            bytes("secret_hash"),
            text("scopes"),
            moment("created_at"),
            moment("expires_at"),
            moment_or_null("revoked_at"),
        ];
        create(manager, "api_token", api_token).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX challenge_token ON challenge (token_hash)",
                "CREATE INDEX challenge_of_request ON challenge (request_id, purpose, created_at)",
                "CREATE INDEX challenge_age ON challenge (created_at)",
                "CREATE UNIQUE INDEX api_token_secret ON api_token (secret_hash)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["api_token", "challenge"]).await
    }
}
